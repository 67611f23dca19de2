import ArgumentParser
import MusterAgent

/// `muster-agent prepare-image`: so that machines made from an image are not copies of one device.
struct PrepareImageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare-image",
        abstract: "Empty this device's identity, before an image of its disk is taken.",
        discussion: """
            Key, certificate, device id and events go; the server's addresses, its pins and the proxy stay. Stop the agent first, and keep \
            it from starting before the image is taken. Machines made from the image enrol each for itself: by a connection file that waits here \
            unused, or with muster-agent enrol.
            """)

    @OptionGroup var state: StateOptions

    func run() throws {
        try AgentProgram.prepareImage(stateDirectory: state.path)
        print("The identity of this device is gone from \(state.path): take the image now. Afterwards: muster-agent enrol …")
    }
}
