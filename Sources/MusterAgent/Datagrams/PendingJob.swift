import Logging
import MusterModel

/// What systemd is about to do, so that the server hears why the device falls silent. Asked at SIGTERM, without D-Bus: `systemctl` speaks
/// to systemd itself, and the jobs of a shutdown are there until it is over.
enum PendingJob {
    /// A device that shuts down waits for us, and is busy then: six on two processors took more than 2 s. For all attempts together.
    static let limit = Duration.seconds(5)
    /// Where systemd sends its SIGTERM to all processes of the unit, the program we ask may get one too; a moment later it does not.
    private static let attempts = 3
    private static let pause = Duration.milliseconds(200)

    /// `agentStopped` also where there is no systemd, or no answer and no other trace of a shutdown.
    static func read(
        _ program: SystemProgram = SystemProgram(), traces: ShutdownTraces = ShutdownTraces(), within limit: Duration = limit,
        logger: Logger
    ) async -> AbsenceNotice.Kind {
        let deadline = ContinuousClock.now + limit
        for attempt in 1...attempts where program.isThere("systemctl") {
            if attempt > 1 { try? await Task.sleep(for: pause) }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { break }
            let jobs = await program.run("systemctl", ["list-jobs", "--no-legend", "--no-pager", "--plain"], within: left)
            if let jobs, jobs.isSuccess { return kind(of: jobs.text) ?? .agentStopped }
            logger.warning("jobs.unknown", metadata: ["error": "\(jobs.failure(of: "systemctl list-jobs") ?? "")"])
        }
        return traces.kind ?? .agentStopped
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
