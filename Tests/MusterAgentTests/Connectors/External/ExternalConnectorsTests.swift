import Glibc
import MusterModel
import MusterTestKit
import MusterWire
import Testing

@testable import MusterAgent

@Suite("Applications of others")
struct ExternalConnectorsTests {
    private let script: ConnectorScript
    private let fixture: StateFixture

    init() throws {
        script = try ConnectorScript()
        fixture = try StateFixture()
    }

    /// The agent as far as it has to do with connectors, until `body` ends.
    private func agent<Value: Sendable>(_ body: (ExternalConnectors, ConnectorService) async throws -> Value) async throws
        -> Value
    {
        let again = try fixture.reopened()
        let storage = AgentStorage(state: again.state, spool: again.spool)
        let (directory, news) = (script.directory, Mailbox<LinkInput>(merge: LinkInput.merge))
        let service = ConnectorService(
            [], expecting: Set(directory.list().executables.map(\.application)), storage: storage,
            ceiling: CeilingBoard(CeilingFile(directory: fixture.temporary.path, owner: geteuid())), news: news, logger: .silent,
            now: { noon })
        let external = ExternalConnectors(
            directory, connectors: service, storage: storage, news: news, logger: .silent, limits: .short, now: { noon })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            group.addTask { await external.run() }
            defer { group.cancelAll() }
            return try await body(external, service)
        }
    }

    private var report: ApplicationReport? {
        get throws { try fixture.state.reported(.applications)?.applications().first { $0.application == ConnectorScript.web } }
    }

    private var manifest: ExternalManifest? {
        get throws { try fixture.state.reportedManifests()[ConnectorScript.web] }
    }

    private var events: [String] {
        get throws {
            try fixture.spool.batch(after: 0, maximumBytes: 100_000).compactMap { numbered in
                if case .event(let event) = numbered.content { event.type } else { nil }
            }
        }
    }

    @Test func oneThatIsThereIsReportedWithItsManifest() async throws {
        try script.write("web", ConnectorScript.python())
        try await agent { external, service in
            try await eventually("it is reported") { try report?.state == .running && report?.version == "9.9" }
            #expect(try manifest?.version == "1.0")
            #expect(try report?.facts == [ApplicationFact(name: "port", text: "80")])
            try await eventually("its event is kept") { try events.contains("web.looked") }
            // They are at hand once what was read is kept.
            try await eventually("its numbers are at hand") { service.statistics[ConnectorScript.web]?["pid"] != nil }
            #expect(external.reports.map(\.running) == [true])
        }
    }

    @Test func settingsComeIntoForceAndAChangeIsPutBack() async throws {
        try script.write("web", ConnectorScript.python())
        let wanted = Document(settings: [ConnectorScript.web: ["port": ManagedSetting(.number(443), isLocked: true)]])
        try fixture.state.saveHeld(.settings, wanted)
        try await agent { _, service in
            try await eventually("they are in force") { try report?.outcome == .applied && report?.settings == wanted.digest }
            #expect(SystemCall.line(of: script.directory.path + "/.port") == "443")
            try script.temporary.write("connectors/.port", "1")
            try await eventually("it is put back") {
                await service.refresh()
                return SystemCall.line(of: script.directory.path + "/.port") == "443"
            }
            try await eventually("an event says so") { try events.contains("setting-put-back") }
        }
    }

    @Test func oneThatComesLaterIsStartedAndOneThatGoesIsForgotten() async throws {
        try await agent { external, _ in
            try script.write("web", ConnectorScript.python())
            try await eventually("it is reported") { try report?.state == .running }
            try script.temporary.remove("connectors/web")
            try await eventually("it is forgotten") { try report == nil && manifest == nil }
            #expect(external.reports.isEmpty)
        }
    }

    @Test func oneThatIsReplacedIsStartedAnewAndItsNewManifestTold() async throws {
        try script.write("web", ConnectorScript.python())
        try await agent { external, _ in
            try await eventually("it is reported") { try report?.state == .running }
            try script.write("web", ConnectorScript.python(version: "2.0"))
            try await eventually("its new manifest is told") { try manifest?.version == "2.0" }
            try await eventually("it runs") { external.reports.first?.version == "2.0" }
        }
    }

    @Test func whatWasReportedStandsAcrossARestartOfTheAgentThoughTheConnectorIsBroken() async throws {
        try script.write("web", ConnectorScript.python())
        try await agent { _, _ in try await eventually("it is reported") { try report?.state == .running } }
        try script.write("web", "#!/bin/sh\nexit 5\n")
        try await agent { external, _ in
            try await eventually("it is shown as not working") {
                try report?.problems.map(\.code) == [ApplicationProblem.connectorFailed]
            }
            #expect(try report?.state == .running)
            #expect(try manifest?.version == "1.0")
            #expect(external.reports.first?.failure?.contains("status 5") == true)
            #expect(try events.filter { $0 == "connector-failed" }.count == 1)
            try script.write("web", ConnectorScript.python())
            try await eventually("it works again") { try report?.problems.isEmpty == true }
        }
    }

    @Test func whatIsRefusedIsShown() async throws {
        try script.write("web", ConnectorScript.python(), mode: 0o777)
        try await agent { external, _ in
            try await eventually("it is shown") { external.reports.first?.refused?.contains("others may write") == true }
            #expect(try manifest == nil)
            #expect(external.reports.first?.text.hasPrefix("REFUSED") == true)
        }
    }

    @Test func theOwnerMayForbidSettingsOfIt() async throws {
        try fixture.temporary.write("agent.conf", #"{"forbid": {"settings": ["external/web/port"]}}"#)
        #expect(chmod(fixture.temporary.path + "/agent.conf", 0o600) == 0)
        try script.write("web", ConnectorScript.python())
        try fixture.state.saveHeld(.settings, Document(settings: [ConnectorScript.web: ["port": ManagedSetting(.number(443))]]))
        try await agent { _, _ in
            try await eventually("it is shown as restricted") { try report?.restricted == ["port"] }
            try await eventually("the rest is in force") { try report?.outcome == .applied }
            #expect(SystemCall.line(of: script.directory.path + "/.port") == nil)
        }
    }
}
