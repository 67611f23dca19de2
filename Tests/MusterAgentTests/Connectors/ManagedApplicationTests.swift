import Glibc
import MusterModel
import MusterWire
import Testing

@testable import MusterAgent

@Suite("Settings of a managed application")
struct ManagedApplicationTests {
    private let period = ServicesKey.period
    private let watched = ServicesKey.watched

    @Test func settingsAreAppliedOnceAndReported() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            #expect(try await device.turn(.refresh).isDocumentChanged)
            #expect(try device.report == ApplicationReport(application: .services, version: "1.0", state: .running))
            let digest = try device.desire([period: ManagedSetting(thirty)])
            #expect(try await device.turn(.settings).isDocumentChanged)
            #expect(device.connector.given == [[period: thirty]])
            #expect(try device.report?.outcome == .applied)
            #expect(try device.report?.settings == digest)
            // Ten synchronizations of an idle device.
            for number in Int64(1)...10 {
                #expect(try await device.turn(.refresh, after: .minutes(number)) == ManagedApplication.Outcome())
            }
            #expect(device.connector.given.count == 1)
        }
    }

    @Test func aFailureIsReportedOnceAndTriedAgainByItself() async throws {
        var device = try ManagedDevice()
        device.connector.now { $0.failure = ConnectorError("fileReadOnly", "it is read-only") }
        try await answering(device.line) {
            let digest = try device.desire([period: ManagedSetting(thirty)])
            try await device.turn(.settings)
            #expect(try device.report?.outcome == .failed(code: "fileReadOnly", text: "it is read-only"))
            #expect(try device.report?.settings == digest)
            #expect(try await device.turn(after: .seconds(59)) == ManagedApplication.Outcome())
            #expect(device.connector.given.count == 1)
            // After 1, 2, 4 … minutes, then every hour.
            var time = Duration.zero
            for wait: Int64 in [1, 2, 4, 8, 16, 32, 60, 60] {
                time += .minutes(wait)
                #expect(try await device.turn(after: time) == ManagedApplication.Outcome())
            }
            #expect(device.connector.given.count == 9)
            device.connector.now { $0.failure = nil }
            try await device.turn(after: time + .minutes(60))
            #expect(try device.report?.outcome == .applied)
        }
    }

    @Test func settingsThatWereTakenAreInForceWhoeverIsSilent() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            try device.desire([period: ManagedSetting(thirty)])
            try await device.turn(.settings)
            device.connector.now { $0.silence = ConnectorError("systemdSilent", "") }
            let digest = try device.desire([period: ManagedSetting(fifteen)])
            try await device.turn(.settings)
            #expect(try device.report?.problems == [ApplicationProblem(code: "connector-failed", subject: "systemdSilent")])
            #expect(try device.report?.outcome == .applied)
            #expect(try device.report?.settings == digest)
        }
    }

    @Test func whatAConnectorRemembersOutlivesTheAgent() async throws {
        let fixture = try StateFixture()
        let connector = FakeConnector()
        var device = try ManagedDevice(fixture, connector: connector)
        connector.now { $0.memory = [1, 2] }
        try await answering(device.line) {
            try await device.turn()
            connector.now { $0.memory = nil }
            try await device.turn()
            connector.now { $0.silence = ConnectorError("systemdSilent", "") }
            try await device.turn()
        }
        connector.now { $0.silence = nil }
        var again = try ManagedDevice(fixture, connector: connector)
        try await answering(again.line) { try await again.turn() }
        #expect(connector.now { $0.remembered } == [nil, [1, 2], [1, 2], [1, 2]])
    }

    @Test func otherSettingsDoNotWaitForTheRetryOfThoseThatFailed() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            try device.desire([period: ManagedSetting(thirty)])
            try await device.turn(.settings)
            device.connector.now { $0.failure = ConnectorError("fileDamaged", "") }
            try device.desire([period: ManagedSetting(fifteen)])
            try await device.turn(.settings)
            // The last good ones are in force.
            #expect(device.connector.now { $0.inForce } == [period: thirty])
            device.connector.now { $0.failure = nil }
            let digest = try device.desire([watched: ManagedSetting(.list(["a.service"]))])
            try await device.turn(.settings, after: .seconds(1))
            #expect(try device.report?.outcome == .applied)
            #expect(try device.report?.settings == digest)
        }
    }

    @Test func aLockedValueIsPutBackAndAnotherIsSaidOnce() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            try device.desire([
                period: ManagedSetting(thirty, isLocked: true), watched: ManagedSetting(.list(["a.service"])),
            ])
            try await device.turn(.settings)
            device.connector.now { $0.inForce = [period: fifteen, watched: .list(["b.service"])] }
            try await device.turn(.files, after: .seconds(1))
            #expect(device.connector.now { $0.inForce } == [period: thirty, watched: .list(["b.service"])])
            #expect(try device.report?.changedLocally == [watched])
            #expect(try device.events == ["setting-changed-locally watched", "setting-put-back period"])
            #expect(try await device.turn(.refresh, after: .seconds(2)) == ManagedApplication.Outcome())
            device.connector.now { $0.inForce[watched] = .list(["a.service"]) }
            #expect(try await device.turn(after: .seconds(3)).isDocumentChanged)
            #expect(try device.report?.changedLocally == [])
            #expect(try device.events.count == 2)
        }
    }

    @Test func whatCannotBePutBackIsAFailureAndPutBackLater() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            try device.desire([period: ManagedSetting(thirty, isLocked: true), watched: ManagedSetting(.list([]))])
            try await device.turn(.settings)
            device.connector.now {
                $0.inForce = [period: fifteen, watched: .list(["mine.service"])]
                $0.failure = ConnectorError("fileReadOnly", "")
            }
            try await device.turn(.files, after: .seconds(1))
            #expect(try device.report?.outcome == .failed(code: "fileReadOnly", text: ""))
            #expect(try device.report?.changedLocally == [period, watched])
            device.connector.now { $0.failure = nil }
            try await device.turn(after: .minutes(2))
            #expect(try device.report?.outcome == .applied)
            #expect(try device.report?.changedLocally == [watched])
            #expect(device.connector.now { $0.inForce } == [period: thirty, watched: .list(["mine.service"])])
        }
    }

    @Test func valuesThatBecomeUnmanagedStayAsTheyAre() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            try device.desire([period: ManagedSetting(thirty, isLocked: true)])
            try await device.turn(.settings)
            let digest = try device.desire([:])
            try await device.turn(.settings)
            #expect(try device.report?.settings == digest)
            device.connector.now { $0.inForce = [period: fifteen] }
            #expect(try await device.turn(.files) == ManagedApplication.Outcome())
            #expect(device.connector.now { $0.inForce } == [period: fifteen])
        }
    }

    @Test func aValueThatIsNotAllowedIsNeverGivenToTheApplication() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            try device.desire([watched: ManagedSetting(.list(["a.service\nperiod = 5s"])), period: ManagedSetting(thirty)])
            try await device.turn(.settings)
            guard case .failed(let code, let text) = try device.report?.outcome else {
                Issue.record("it did not fail")
                return
            }
            #expect(code == "settingNotAllowed" && text.contains("'watched'"))
            #expect(device.connector.given.isEmpty)
        }
    }

    @Test func aKeyOfANewerServerIsPassedOver() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            try device.desire(["colour": ManagedSetting(.text("red")), period: ManagedSetting(thirty)])
            try await device.turn(.settings)
            #expect(device.connector.given == [[period: thirty]])
        }
    }
}

@Suite("The agent starts again")
struct ManagedApplicationRestartTests {
    private let period = ServicesKey.period

    @Test func whatWasAppliedIsNotAppliedAgain() async throws {
        let fixture = try StateFixture()
        for _ in 0..<3 {
            var device = try ManagedDevice(fixture)
            try device.desire([period: ManagedSetting(thirty)])
            device.connector.now { $0.inForce = [period: thirty] }
            let isFirst = try device.report == nil
            try await answering(device.line) { try await device.turn(.refresh) }
            #expect(device.connector.given.count == (isFirst ? 1 : 0))
        }
    }

    /// The power fails while the application takes its settings.
    @Test func inTheMiddleOfApplying() async throws {
        let fixture = try StateFixture()
        let before = try ManagedDevice(fixture, limit: .seconds(60))
        before.connector.now { $0.hangs = true }
        try before.desire([period: ManagedSetting(thirty)])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await before.line.run() }
            group.addTask {
                var device = before
                _ = try? await device.turn(.settings)
            }
            while before.connector.given.isEmpty { await Task.yield() }
            group.cancelAll()
        }
        #expect(try before.report == nil)
        var device = try ManagedDevice(fixture)
        try await answering(device.line) { try await device.turn(.refresh) }
        #expect(device.connector.given == [[period: thirty]])
        #expect(try device.report?.outcome == .applied)
    }

    @Test func whatFailedIsTriedAtOnce() async throws {
        let fixture = try StateFixture()
        var device = try ManagedDevice(fixture)
        device.connector.now { $0.failure = ConnectorError("fileReadOnly", "") }
        try await answering(device.line) {
            try device.desire([period: ManagedSetting(thirty)])
            try await device.turn(.settings)
        }
        var again = try ManagedDevice(fixture)
        try await answering(again.line) { try await again.turn(.refresh) }
        #expect(try again.report?.outcome == .applied)
    }

    @Test func aChangeThatWasSaidIsNotSaidAgain() async throws {
        let (fixture, connector) = (try StateFixture(), FakeConnector())
        for _ in 0..<3 {
            var device = try ManagedDevice(fixture, connector: connector)
            try await answering(device.line) {
                try device.desire([period: ManagedSetting(thirty)])
                try await device.turn(.refresh)
                device.connector.now { $0.inForce = [period: fifteen] }
                try await device.turn(.files)
            }
            #expect(try device.events == ["setting-changed-locally period"])
        }
    }
}

@Suite("A connector that hangs")
struct HangingConnectorTests {
    private let period = ServicesKey.period

    @Test func isGivenUpOnReportedAndNotStartedTwice() async throws {
        var device = try ManagedDevice(limit: .seconds(2))
        device.connector.now { $0.hangs = true }
        try await answering(device.line) {
            try await device.turn(.refresh)
            try device.desire([period: ManagedSetting(thirty)])
            try await device.turn(.settings)
            guard case .failed(code: "connectorTimeout", _) = try device.report?.outcome else {
                Issue.record("\(String(describing: try device.report))")
                return
            }
            #expect(try device.report?.problems == [ApplicationProblem(code: "connector-failed", subject: "connectorTimeout")])
            #expect(try device.report?.state == .running, "as it was known last")
            for number in Int64(1)...5 { try await device.turn(after: .hours(number)) }
            #expect(device.connector.given.count == 1)

            device.connector.release()
            let late = try #require(await device.lateEnds.take(within: .seconds(180)))
            try await device.turn(late, after: .hours(6))
            #expect(try device.report?.outcome == .applied)
            #expect(try device.report?.problems == [])
            #expect(device.connector.given.count == 1, "its end counts, and it is not done again")
        }
    }

    /// Through the service, with its own clock.
    @Test func holdsUpNobodyElse() async throws {
        let fixture = try StateFixture()
        let (hanging, other) = (FakeConnector(), NamedConnector())
        hanging.now { $0.hangs = true }
        try fixture.state.saveHeld(.settings, Document(settings: [.services: [period: ManagedSetting(thirty)]]))
        let storage = AgentStorage(state: fixture.state, spool: fixture.spool)
        let news = Mailbox<LinkInput>(merge: LinkInput.merge)
        let service = ConnectorService(
            [hanging, other], storage: storage, ceiling: CeilingBoard(CeilingFile(directory: "/nowhere")), news: news,
            logger: .silent, limit: .seconds(2), now: { noon })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            await service.refresh()
            hanging.release()
            group.cancelAll()
        }
        let reports = try #require(try fixture.state.reported(.applications)).applications()
        #expect(reports.map(\.application.description) == ["other", "services"])
        #expect(reports.map(\.state) == [.running, .unknown])
        #expect(hanging.given.count == 1)
        #expect(service.statistics[NamedConnector.id] == ["looks": 1])
        var told: [LinkInput] = []
        while let input = news.take() { told.append(input) }
        #expect(told.contains { if case .documentsChanged = $0 { true } else { false } }, "\(told)")
    }
}

/// A second application, which is well.
private struct NamedConnector: Connector {
    static let id = ApplicationID("other") ?? .services
    let manifest = ApplicationManifest(id: id, title: "Other", settings: [])
    let desired = DesiredSettingsSource.settings
    let watch = ConnectorWatch()

    func discover() async throws(ConnectorError) -> String { "" }
    func settingsInForce() async throws(ConnectorError) -> [String: ManagedValue] { [:] }
    func apply(_ settings: [String: ManagedValue]) async throws(ConnectorError) {}
    func look(after before: ApplicationReport?, now: Timestamp) async throws(ConnectorError) -> ConnectorReading {
        ConnectorReading(state: .running, statistics: ["looks": 1])
    }
}
