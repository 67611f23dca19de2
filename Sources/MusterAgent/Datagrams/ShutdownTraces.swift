import MusterModel

/// What a shutdown leaves in /run while it goes on, for when systemd does not answer.
struct ShutdownTraces: Sendable {
    /// systemd writes some lines.
    private static let longest = 4096

    var login = "/run/nologin"
    var scheduled = "/run/systemd/shutdown/scheduled"

    /// Nil when nothing says that the device goes down. One that goes down and does not say to where is called shut down: if it was a
    /// reboot, it is back soon.
    var kind: AbsenceNotice.Kind? {
        // systemd says so to those who log in; while it boots it says something else there.
        guard Self.text(login).contains("going down") else { return nil }
        let isReboot = Self.text(scheduled).split(whereSeparator: \.isNewline).contains {
            $0 == "MODE=reboot" || $0 == "MODE=kexec"
        }
        return isReboot ? .reboot : .powerOff
    }

    private static func text(_ path: String) -> String {
        String(decoding: SystemCall.contents(of: path, limit: longest) ?? [], as: UTF8.self)
    }
}
