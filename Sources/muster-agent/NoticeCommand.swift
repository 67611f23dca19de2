import ArgumentParser
import MusterAgent

/// `muster-agent notice`: run by the unit around the device's sleep, muster-agent-sleep.service.
struct NoticeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notice", abstract: "Tell the server that this device goes to sleep, or connect after it woke up.",
        discussion: "Run by the system before and after suspend; the running agent sends the notice.")

    @OptionGroup var state: StateOptions

    @Argument(help: "suspend or resume.", transform: Self.notice)
    var notice: SleepNotice

    func run() async throws {
        try await ControlClient(stateDirectory: state.path, timeout: .seconds(10)).notice(notice)
    }

    @Sendable private static func notice(_ text: String) throws -> SleepNotice {
        guard let notice = SleepNotice(rawValue: text) else {
            throw ValidationError("'\(text)' is no notice: suspend or resume")
        }
        return notice
    }
}
