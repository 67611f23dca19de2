import ArgumentParser
import MusterAgent

/// `muster-agent sync`: the running agent synchronizes now.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Synchronize with the server now; prints what moved.")

    @OptionGroup var state: StateOptions

    func run() async throws {
        print(Self.text(try await ControlClient(stateDirectory: state.path).synchronize()))
    }

    static func text(_ report: SyncReport) -> String {
        var lines = [
            "Synchronized in \(report.durationSeconds) s.",
            "Documents sent: \(report.documentsSent) (\(report.documentBytesSent) bytes), received: \(report.documentsReceived).",
            "Events sent: \(report.events).",
        ]
        if report.certificateRenewed { lines.append("The device's certificate was renewed.") }
        if let next = report.nextSynchronization { lines.append("Next synchronization: \(next)") }
        return lines.joined(separator: "\n")
    }
}
