import ArgumentParser
import MusterAgent
import MusterModel

/// `muster-agent event`: a local program raises an event.
struct EventCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "Raise an event on this device; it is sent at once, or kept until it can be.")

    @OptionGroup var state: StateOptions

    @Option(help: "A code of lower-case words with hyphens and dots: backup-failed.", transform: Self.type)
    var type: String

    @Option(help: ArgumentHelp("info, warning, error or critical.", valueName: "severity"), transform: Self.severity)
    var severity: Severity

    @Option(help: "What happened, for people: at most \(DeviceEvent.maximumTextBytes) bytes.")
    var text: String

    func validate() throws {
        let (bytes, most) = (text.utf8.count, DeviceEvent.maximumTextBytes)
        guard bytes <= most else {
            throw ValidationError(
                "--text has \(bytes) bytes, and the text of an event at most \(most): say it shorter, and where the rest is")
        }
    }

    func run() async throws {
        let event = DeviceEvent(type: type, severity: severity, occurred: .now(), text: text)
        let report = try await ControlClient(stateDirectory: state.path).raise(event)
        print("Event \(report.sequence) is stored (epoch \(report.epoch)).")
    }

    @Sendable private static func type(_ text: String) throws -> String {
        guard DeviceEvent.isValid(type: text) else {
            throw ValidationError("'\(text)' is no event type: at most 64 of a-z, 0-9, hyphens and dots")
        }
        return text
    }

    @Sendable private static func severity(_ text: String) throws -> Severity {
        guard let severity = Severity(code: text) else {
            throw ValidationError("'\(text)' is no severity: info, warning, error or critical")
        }
        return severity
    }
}
