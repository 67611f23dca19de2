import MusterModel
import MusterSession
import MusterWire
import Testing

@testable import MusterAgent

@Suite("What became of the Network Agent's settings")
struct NetworkAgentOutcomeTests {
    private let wanted = RequestSettings(listens: true, port: 15_000)

    private func requests(
        listens: Bool = true, port: UInt16 = 15_000, failure: String? = nil, _ firewall: FirewallState = FirewallState()
    ) -> ConnectionRequestReport {
        ConnectionRequestReport(
            listens: listens, wantedPort: port, port: failure == nil && listens ? port : 0, failure: failure, firewall: firewall,
            counters: ConnectionRequestCounters())
    }

    private func code(_ outcome: ConnectorReading.Outcome) -> String? {
        if case .settled(.failed(let code, _)) = outcome { code } else { nil }
    }

    private func text(_ requests: ConnectionRequestReport) -> String? {
        let outcome = NetworkAgentConnector.outcome(.inForce, wanted: wanted, requests)
        return if case .settled(.failed(_, let text)) = outcome { text } else { nil }
    }

    @Test func inForce() {
        #expect(NetworkAgentConnector.outcome(.inForce, wanted: wanted, requests()) == .settled(.applied))
        #expect(NetworkAgentConnector.outcome(.nothingHeld, wanted: wanted, requests()) == .settled(.none))
        let silent = RequestSettings(listens: false)
        #expect(
            NetworkAgentConnector.outcome(.inForce, wanted: silent, requests(listens: false, port: 16_000)) == .settled(.applied))
    }

    @Test func notKnownYet() {
        #expect(NetworkAgentConnector.outcome(.onTrial, wanted: wanted, requests()) == .pending)
        // The listener has not come to it.
        #expect(NetworkAgentConnector.outcome(.inForce, wanted: wanted, requests(port: 16_000)) == .pending)
        #expect(NetworkAgentConnector.outcome(.inForce, wanted: wanted, requests(listens: false)) == .pending)
        let opening = RequestSettings(listens: true, port: 15_000, opensFirewall: true)
        #expect(NetworkAgentConnector.outcome(.inForce, wanted: opening, requests()) == .pending)
    }

    @Test func failures() {
        #expect(
            code(NetworkAgentConnector.outcome(.rejected("no answer"), wanted: wanted, requests()))
                == "connectionSettingsRolledBack")
        #expect(
            code(NetworkAgentConnector.outcome(.inForce, wanted: wanted, requests(failure: "UDP port 15000 cannot be had")))
                == "udpPortNotBound")
        #expect(
            text(requests(failure: "UDP port 15000 cannot be had"))
                == "UDP port 15000 cannot be had; connection requests do not arrive: set another port, or free it")
        var before = requests(failure: "UDP port 15000 cannot be had")
        before.port = 14_000
        #expect(text(before)?.contains("still come to port 14000") == true)
        let opening = RequestSettings(listens: true, port: 15_000, opensFirewall: true)
        var firewall = FirewallState()
        (firewall.kind, firewall.isManaged, firewall.standing, firewall.detail) = (.ufw, true, .closed, "ufw failed: no")
        #expect(code(NetworkAgentConnector.outcome(.inForce, wanted: opening, requests(firewall))) == "firewallNotOpened")
        firewall.standing = .open
        #expect(NetworkAgentConnector.outcome(.inForce, wanted: opening, requests(firewall)) == .settled(.applied))
    }
}

@Suite("The Network Agent as a managed application")
struct NetworkAgentConnectorTests {
    private let fixture: StateFixture
    private let storage: AgentStorage
    private let board = RequestBoard()
    private let connector: NetworkAgentConnector
    private let server: ServerAddress

    init() throws {
        fixture = try StateFixture()
        storage = AgentStorage(state: fixture.state, spool: fixture.spool)
        server = try #require(ServerAddress("new:13000"))
        connector = NetworkAgentConnector(
            storage: storage, requests: board, ceiling: CeilingBoard(CeilingFile(directory: "/nowhere")), tryOut: {},
            inventoryChanged: {})
    }

    private func hold(_ change: (inout AgentSettings) -> Void) throws {
        var settings = AgentSettings(pins: [])
        change(&settings)
        _ = try HeldSettings.apply(Document(settings), named: .agent, pin: nil, under: .none, to: fixture.state)
    }

    @Test func aTrialThatFailedIsAFailureWithItsReason() async throws {
        try hold { $0.connection = ConnectionSettings(servers: [server]) }
        board.listening(on: 15_000, failure: nil, settings: RequestSettings())
        #expect(try await connector.look(after: nil, now: noon).outcome == .pending)
        let trial = try #require(try fixture.state.trial())
        #expect(try fixture.state.rejectTrial(trial, why: "no answer from new:13000"))
        guard
            case .settled(.failed(code: "connectionSettingsRolledBack", let text)) = try await connector.look(
                after: nil, now: noon
            ).outcome
        else {
            Issue.record("it is no failure")
            return
        }
        #expect(text.contains("no answer from new:13000"))
        // Others come.
        try hold { _ in }
        #expect(try await connector.look(after: nil, now: noon).outcome == .settled(.applied))
    }

    @Test func theLimitOfTheSpoolComesIntoForce() async throws {
        try hold { $0.eventsHeld = 1000 }
        try await connector.apply([:])
        for number in 1...1001 { try fixture.spool.append([event(number)]) }
        #expect(try fixture.spool.statistics().events == 1000)
    }

    @Test func addressesFromAConnectionFileAreALocalChange() async throws {
        try hold { $0.connection = ConnectionSettings(servers: [server]) }
        let trial = try #require(try fixture.state.trial())
        #expect(try await connector.settingsInForce() == [:], "they are on trial")
        #expect(try fixture.state.adoptTrial(trial))
        #expect(try await connector.settingsInForce() == [NetworkAgentKey.serverAddresses: .list(["new:13000"])])
        let known = try fixture.state.known(connector, under: .none)
        #expect(known.part.settings == [NetworkAgentKey.serverAddresses: ManagedSetting(.list(["new:13000"]))])
        #expect(known.part.digest == (try fixture.state.held(.agent)?.digest))
    }
}
