import MusterModel
import MusterWire
import Testing

@testable import MusterAgent

@Suite struct InventoryTests {
    private let device: TemporaryDirectory
    private let fixture: StateFixture
    private let inventory: Inventory

    init() throws {
        device = try TemporaryDirectory()
        fixture = try StateFixture()
        inventory = Inventory(root: device.path, agentVersion: "1")
        try device.write("var/lib/dpkg/status", package("hello"))
    }

    private func refresh() throws -> InventoryRefresh {
        try inventory.refresh(state: fixture.state, spool: fixture.spool, now: noon)
    }

    @Test func firstListRaisesNoEvents() throws {
        let first = try refresh()
        #expect(first.changed == [.system, .hardware, .installed])
        #expect(first.position == nil)
        #expect(try fixture.spool.position().isEmpty)
        let second = try refresh()
        #expect(second.changed.isEmpty)
    }

    @Test func changeIsStoredWithItsEvents() throws {
        _ = try refresh()
        try device.replace("var/lib/dpkg/status", package("hello", "2") + package("world"))
        let change = try refresh()
        #expect(change.changed == [.installed])
        #expect(change.position == SpoolPosition(epoch: 7, firstHeld: 1, next: 3))
        let again = try fixture.reopened()
        #expect(
            try again.state.reported(.installed)?.installedApplications() == [application("hello", "2"), application("world")])
        let texts = try again.spool.batch(after: 0, maximumBytes: 10_000).compactMap { event -> String? in
            if case .event(let event) = event.content { event.text } else { nil }
        }
        #expect(texts == ["hello 2 (amd64) was updated from 1", "world 1 (amd64) was installed"])
    }

    @Test func failingSourceRemovesNothing() throws {
        _ = try refresh()
        try device.remove("var/lib/dpkg/status")
        let failed = try refresh()
        #expect(failed.failures.map(\.code) == [.sourceUnreadable])
        #expect(failed.changed.isEmpty)
        #expect(try fixture.state.reported(.installed)?.installedApplications() == [application("hello")])
        #expect(try fixture.spool.position().isEmpty)
    }

    @Test func listStaysWhenItsEventsCannotBeKept() throws {
        _ = try refresh()
        try fixture.state.database.transaction { (connection) throws(AgentError) in
            try connection.execute(
                "CREATE TRIGGER full BEFORE INSERT ON spool BEGIN SELECT RAISE(ABORT, 'no room'); END")
        }
        try device.replace("var/lib/dpkg/status", package("hello") + package("world"))
        #expect(
            code { () throws(AgentError) in try inventory.refresh(state: fixture.state, spool: fixture.spool, now: noon) } != nil)
        #expect(try fixture.state.reported(.installed)?.installedApplications() == [application("hello")])
        try fixture.state.database.transaction { (connection) throws(AgentError) in try connection.execute("DROP TRIGGER full") }
        #expect(try refresh().position == SpoolPosition(epoch: 7, firstHeld: 1, next: 2))
    }

    @Test func additionalFactsAreInTheSystemDocument() {
        var inventory = inventory
        inventory.additionalFacts["udp-port"] = .integer(15_000)
        #expect(inventory.read().documents[.system]?.facts()["udp-port"] == .integer(15_000))
    }
}
