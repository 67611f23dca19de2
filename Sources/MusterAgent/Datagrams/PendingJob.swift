import MusterModel

/// What systemd is about to do, so that the server hears why the device falls silent. Asked at SIGTERM, without D-Bus: `systemctl` speaks
/// to systemd itself, and the jobs of a shutdown are there until it is over.
enum PendingJob {
    /// A device that shuts down waits for us, and is busy then: six on two processors took more than 2 s.
    private static let limit = Duration.seconds(5)

    /// `agentStopped` also where there is no systemd, or no answer.
    static func read(_ program: SystemProgram = SystemProgram()) async -> AbsenceNotice.Kind {
        let jobs = await program.run("systemctl", ["list-jobs", "--no-legend", "--no-pager", "--plain"], within: limit)
        return jobs.flatMap { $0.isSuccess ? kind(of: $0.text) : nil } ?? .agentStopped
    }

    /// A line a job: `12 poweroff.target start waiting`.
    static func kind(of listing: String) -> AbsenceNotice.Kind? {
        for line in listing.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 3, words[2] == "start" else { continue }
            switch words[1] {
            case "poweroff.target", "halt.target": return .powerOff
            case "reboot.target", "kexec.target", "soft-reboot.target": return .reboot
            default: continue
            }
        }
        return nil
    }
}
