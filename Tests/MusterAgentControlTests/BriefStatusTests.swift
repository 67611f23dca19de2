import MusterModel
import Testing

@testable import MusterAgent

struct BriefStatusTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    private func report(_ change: (inout StatusReport) -> Void) throws -> StatusReport {
        let state = try TemporaryState()
        defer { withExtendedLifetime(state) {} }
        let database = try AgentDatabase(state.directory, mode: .creating, epoch: 7)
        var report = try StatusReport.make(state: AgentState(database), spool: Spool(database), running: true)
        report.started = Self.now - .seconds(30)
        change(&report)
        return report
    }

    private func text(_ change: (inout StatusReport) -> Void) throws -> String {
        BriefStatus(try report(change), host: "krk-pc-07", now: Self.now).text
    }

    private func failure(_ reason: CloseReason, _ text: String = "", attempts: Int = 1, next: Duration = .seconds(40))
        -> LastErrorReport
    {
        LastErrorReport(
            reason: reason.code, text: text, since: Self.now - .seconds(60), attempts: attempts, nextTry: Self.now + next)
    }

    @Test func connected() throws {
        let text = try text { report in
            report.device = .random()
            report.servers = ["a.example.com:13000", "muster.example.com:13000"]
            report.lastServer = "muster.example.com:13000"
            report.lastSynchronization = Self.now
            report.nextSynchronization = Self.now + .minutes(15)
            report.applications = 1204
        }
        #expect(
            text.hasPrefix(
                "Connected to muster.example.com:13000 as krk-pc-07. 1,204 applications reported. Next synchronization "))
        #expect(text.hasSuffix(".") && text.split(separator: " ").last?.count == 6)
    }

    @Test func managedApplicationsThatAreNotWell() throws {
        let text = try text { report in
            report.device = .random()
            report.lastSynchronization = Self.now
            report.managedApplications = [
                ApplicationReport(application: .networkAgent, state: .running, outcome: .applied),
                ApplicationReport(
                    application: .services, state: .failed, outcome: .failed(code: "fileReadOnly", text: "it is read-only"),
                    changedLocally: ["period"], problems: [ApplicationProblem(code: "unit-failed", subject: "ssh.service")]),
            ].map(ManagedApplicationReport.init)
        }
        #expect(
            text.hasSuffix(
                " Services: unit-failed ssh.service; settings not in force (fileReadOnly); changed locally: period."))
        #expect(!text.contains("Network Agent"))
    }

    @Test func ofSeveralAddressesEachIsSaid() throws {
        let several = try text { report in
            report.device = .random()
            report.servers = ["a:13000", "b:13000", "c:13000"]
            report.lastError = failure(.serverKeyMismatch, "b:13000 shows another key")
            report.attempts = [
                ServerAttempt(server: "a:13000", reason: "unreachable", text: "a:13000 is not reached: no answer"),
                ServerAttempt(server: "b:13000", reason: "serverKeyMismatch", text: ""),
            ]
        }
        #expect(
            several.split(separator: "\n") == [
                "NOT connected: none of the 3 server addresses works. Next try in 40 s. See: muster-agent check",
                "  a:13000 is not reached: no answer",
                "  b:13000: what answers there has not the key of the server of this package", "  c:13000: not tried",
            ])
        let one = try text { report in
            report.device = .random()
            report.servers = ["a:13000"]
            report.lastError = failure(.unreachable, "a:13000 is not reached")
            report.attempts = [ServerAttempt(server: "a:13000", reason: "unreachable", text: "a:13000 is not reached")]
        }
        #expect(one == "NOT connected: a:13000 is not reached. Next try in 40 s. See: muster-agent check")
    }

    @Test func notEnrolled() throws {
        let unreachable = try text {
            $0.lastError = failure(.unreachable, "muster.example.com:13000 is not reached: no answer within 10 s")
        }
        #expect(
            unreachable
                == "NOT enrolled: muster.example.com:13000 is not reached: no answer within 10 s. Next try in 40 s. See: muster-agent check"
        )
        let expired = try text { $0.lastError = failure(.tokenExpired, next: .minutes(30)) }
        #expect(expired.hasPrefix("NOT enrolled: the token of this package has expired: download a new one. Next try at "))
        #expect(try text { $0.running = false }.contains("there is no connection file"))
        #expect(try text { _ in } == "NOT enrolled: no answer yet. See: muster-agent check")
    }

    @Test func enrolledAndNotConnected() throws {
        #expect(
            try text { report in
                report.device = .random()
                report.lastError = failure(.unreachable, "x")
            } == "NOT connected: x. Next try in 40 s. See: muster-agent check")
        #expect(
            try text { report in
                report.device = .random()
                report.running = false
            }.hasPrefix("NOT running"))
    }

    @Test func whatWasBeforeTheStartSettlesNothing() throws {
        let before = try report { report in
            report.device = .random()
            report.lastSynchronization = Self.now - .minutes(10)
        }
        #expect(!BriefStatus.isSettled(before, after: before))
        var after = before
        after.lastSynchronization = Self.now
        #expect(BriefStatus.isSettled(after, after: before))
        var failing = before
        failing.lastError = failure(.unreachable)
        #expect(!BriefStatus.isSettled(failing, after: failing))
        var again = failing
        again.lastError = failure(.unreachable, attempts: 2)
        #expect(BriefStatus.isSettled(again, after: failing))
        var notRunning = after
        notRunning.running = false
        #expect(!BriefStatus.isSettled(notRunning, after: before))
    }

    @Test(arguments: [(0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (1204, "1,204"), (1_234_567, "1,234,567")])
    func numbers(_ number: Int, _ text: String) { #expect(BriefStatus.grouped(number) == text) }
}
