import MusterModel
import MusterSession
import Testing

@testable import MusterAgent

@Suite("Actions and connection settings the agent remembers")
struct ActionStateTests {
    private let fixture: StateFixture
    private var state: AgentState { fixture.state }

    init() throws { fixture = try StateFixture() }

    private func order(_ kind: UInt32 = 1) -> ActionOrder { ActionOrder(id: .random(), kind: kind) }

    @Test func anActionIsKnownAgainAfterARestartUntilItIsForgotten() throws {
        let order = order()
        #expect(try state.acceptAction(order, under: .none, now: noon).progress == .accepted)
        let again = try fixture.reopened().state
        #expect(
            try again.acceptAction(order, under: .none, now: noon + .seconds(9))
                == ActionReport(id: order.id, progress: .accepted, time: noon))
        _ = try again.finishAction(order.id, now: noon + .seconds(1))
        #expect(try state.acceptAction(order, under: .none, now: noon).progress == .done)
        #expect(try state.actions().map(\.progress) == [.done])
        try state.forgetAction(order.id)
        #expect(try state.actions().isEmpty)
    }

    @Test func aKindThatIsNotKnownFails() throws {
        let report = try state.acceptAction(order(77), under: .none, now: noon)
        #expect(report.progress == .failed && report.code == "notSupported" && report.text.contains("77"))
    }

    @Test func theOldestAreDropped() throws {
        for second in 0..<(AgentState.maximumActions + 3) {
            _ = try state.acceptAction(order(), under: .none, now: noon + .seconds(second))
        }
        let kept = try state.actions()
        #expect(kept.count == AgentState.maximumActions && kept.first?.time == noon + .seconds(3))
    }

    @Test func connectionSettingsAreTriedOnce() throws {
        let old = try #require(ServerAddress("old.example:13000"))
        let address = try #require(ServerAddress("new.example:13000"))
        let new = try #require(ConnectionSettings(servers: [address]))
        try state.setServers([old])
        #expect(try state.offer(nil) == false && state.trial() == nil)
        #expect(try state.offer(new))
        #expect(try fixture.reopened().state.trial() == new)
        #expect(try state.rejectTrial(new))
        #expect(try state.trial() == nil && state.servers() == [old])
        // The same again is not tried again; others are, and what works takes their place.
        #expect(try state.offer(new) == false)
        let other = try #require(ConnectionSettings(servers: new.servers, proxy: ProxyAddress("http://proxy:3128")))
        #expect(try state.offer(other))
        #expect(try state.adoptTrial(new) == false)
        #expect(try state.adoptTrial(other))
        #expect(try state.servers() == new.servers && state.proxy() == other.proxy && state.trial() == nil)
        #expect(try state.offer(other) == false)
    }
}
