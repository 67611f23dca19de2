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

@Suite struct InventorySettingsTests {
    private let device: TemporaryDirectory
    private let fixture: StateFixture
    private var inventory: Inventory

    init() throws {
        device = try TemporaryDirectory()
        fixture = try StateFixture()
        inventory = Inventory(root: device.path, agentVersion: "1")
        try device.write("var/lib/dpkg/status", package("hello"))
        try device.write("usr/lib/python3/dist-packages/six-1.dist-info/METADATA", "Name: six\nVersion: 1\n\n")
    }

    private func refresh() throws -> InventoryRefresh {
        try inventory.refresh(state: fixture.state, spool: fixture.spool, now: noon)
    }

    private var names: [String] {
        get throws { try fixture.state.reported(.installed)?.installedApplications().map(\.name) ?? [] }
    }

    @Test mutating func aSourceThatIsSwitchedOffAndOnAgainRaisesNoEvents() throws {
        _ = try refresh()
        inventory.settings.sources = ["python"]
        #expect(try refresh().changed == [.installed])
        #expect(try names == ["six"])
        inventory.settings.sources = ["python", "dpkg"]
        #expect(try refresh().changed == [.installed])
        #expect(try names == ["hello", "six"])
        #expect(try fixture.spool.position().isEmpty)
        #expect(try refresh().changed.isEmpty)
    }

    @Test mutating func otherSourcesRaiseTheirsMeanwhile() throws {
        _ = try refresh()
        inventory.settings.sources = ["dpkg"]
        try device.replace("var/lib/dpkg/status", package("hello", "2"))
        _ = try refresh()
        let events = try fixture.spool.batch(after: 0, maximumBytes: 10_000)
        #expect(events.count == 1)
    }

    @Test mutating func hardwareThatIsSwitchedOffIsAnEmptyDocument() throws {
        try device.write("proc/meminfo", "MemTotal: 16 kB\n")
        _ = try refresh()
        #expect(try fixture.state.reported(.hardware) != .empty)
        inventory.settings.reportsHardware = false
        #expect(try refresh().changed == [.hardware])
        #expect(try fixture.state.reported(.hardware) == .empty)
    }

    @Test func theFirstListOfAllSourcesOffIsEmpty() throws {
        var inventory = inventory
        inventory.settings.sources = []
        #expect(inventory.read().documents[.installed] == .empty)
    }
}
