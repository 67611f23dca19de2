import Logging
import MusterModel
import Testing

@testable import MusterAgent

@Suite("What systemd is about to do")
struct PendingJobTests {
    @Test(
        "is read from its jobs",
        arguments: [
            ("12 poweroff.target start waiting\n13 muster-agent.service stop running\n", AbsenceNotice.Kind.powerOff),
            ("   7 halt.target             start waiting", .powerOff), ("7 reboot.target start waiting", .reboot),
            ("7 kexec.target start waiting", .reboot), ("7 soft-reboot.target start waiting", .reboot),
            ("7 muster-agent.service stop running\n8 a.service restart waiting", nil), ("", nil), ("No jobs running.\n", nil),
            ("7 reboot.target stop waiting", nil), ("poweroff.target", nil),
        ] as [(String, AbsenceNotice.Kind?)])
    func kinds(listing: String, kind: AbsenceNotice.Kind?) { #expect(PendingJob.kind(of: listing) == kind) }

    @Test("is asked of the real program's name, and takes 5 s at most")
    func program() async throws {
        let programs = try FakePrograms()
        func read(within limit: Duration = .minutes(1)) async -> AbsenceNotice.Kind {
            await PendingJob.read(
                programs.system, traces: ShutdownTraces(login: "/nowhere", scheduled: "/nowhere"), within: limit,
                logger: Logger(label: "test"))
        }
        #expect(await read() == .agentStopped, "there is none")
        try programs.add("systemctl", "[ \"$1\" = list-jobs ] && echo '5 reboot.target start waiting'")
        #expect(await read() == .reboot)
        try programs.add("systemctl", "echo '5 reboot.target start waiting'; exit 1")
        #expect(await read() == .agentStopped, "it failed")
        try programs.add("systemctl", "echo '5 reboot.target start waiting'; sleep 60")
        let began = ContinuousClock.now
        #expect(await read(within: PendingJob.limit) == .agentStopped, "it did not end")
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test("is asked again when a signal ended the program")
    func again() async throws {
        let programs = try FakePrograms()
        try programs.add(
            "systemctl",
            "[ -e \"$0.asked\" ] || { : >\"$0.asked\"; kill -TERM $$; sleep 60; }; echo '5 poweroff.target start waiting'")
        let traces = ShutdownTraces(login: "/nowhere", scheduled: "/nowhere")
        #expect(
            await PendingJob.read(
                programs.system, traces: traces, within: .minutes(1), logger: Logger(label: "test")) == .powerOff)
    }

    @Test("is read from its traces when systemd does not answer")
    func traces() async throws {
        let programs = try FakePrograms()
        try programs.add("systemctl", "exit 1")
        let traces = ShutdownTraces(login: programs.file("nologin"), scheduled: programs.file("scheduled"))
        func read() async -> AbsenceNotice.Kind {
            await PendingJob.read(
                programs.system, traces: traces, within: .minutes(1), logger: Logger(label: "test"))
        }
        #expect(await read() == .agentStopped)
        try programs.write("nologin", "System is booting up. Unprivileged users are not permitted to log in yet.")
        #expect(await read() == .agentStopped)
        try programs.write("nologin", "System is going down. Unprivileged users are not permitted to log in anymore.")
        #expect(await read() == .powerOff)
        try programs.write("scheduled", "USEC=1\nWARN_WALL=1\nMODE=poweroff\n")
        #expect(await read() == .powerOff)
        try programs.write("scheduled", "USEC=1\nWARN_WALL=1\nMODE=reboot\n")
        #expect(await read() == .reboot)
        try programs.add("systemctl", "echo '5 muster-agent.service stop running'")
        #expect(await read() == .agentStopped, "systemd answers, and its word counts")
    }
}
