import ArgumentParser
import MusterAPI
import MusterModel

extension Devices {
    /// `muster devices connections`
    struct Connections: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists when a device was connected or refused, and why, the newest first.",
            discussion: """
                Connections that are alike are one line, with how many there were from when until when; a new line begins each day. \
                Without --limit, the newest 50. A device that was deleted is named by its whole id.
                """)
        static let standardCount = 50

        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption
        @Argument(help: .device) var device: String

        func run() async throws {
            try await global.withClient { client in
                let path = APIPath.filled(APIPath.deviceConnections, try await client.device(device))
                try await client.printList(
                    of: ConnectionEntry.self, at: path, limit: limit.limit ?? Self.standardCount, global.output,
                    empty: "The device has not connected yet.")
            }
        }
    }
}
