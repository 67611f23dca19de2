import MusterModel
import MusterWire
import Testing

@Suite("The document agent")
struct AgentSettingsTests {
    @Test("what has its default is not in it, so that a new setting changes no digest")
    func defaults() {
        let document = Document(AgentSettings(pins: []))
        #expect(document.facts().keys.sorted() == [AgentFact.syncInterval])
        #expect(AgentSettings(document) == AgentSettings(pins: []))
    }

    @Test("every setting comes back")
    func all() throws {
        var settings = AgentSettings(syncInterval: .standard, isPermanent: true, pins: [])
        settings.eventsHeld = 2000
        settings.inventory = InventorySettings(sources: ["python"], reportsHardware: false)
        #expect(AgentSettings(Document(settings)) == settings)
        settings.connection = ConnectionSettings(servers: [try #require(ServerAddress("muster.example.com"))])
        settings.connectionLocks = [NetworkAgentKey.serverAddresses]
        #expect(AgentSettings(Document(settings)) == settings)
        settings.inventory.sources = []
        #expect(AgentSettings(Document(settings)) == settings)
    }

    @Test("a number that is not allowed has its default", arguments: [0, 999, 1_000_001, .max, .min])
    func outOfRange(_ count: Int64) {
        let document = Document(facts: [AgentFact.eventsHeld: .integer(count)])
        #expect(AgentSettings(document).eventsHeld == 50_000)
    }
}
