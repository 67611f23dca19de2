import MusterModel
import MusterWire
import Testing

@testable import MusterSwarm

struct FleetDocumentsTests {
    private let documents = FleetDocuments(seed: 1)

    /// Others have them from the table, then what is not in it.
    @Test(arguments: [20, 1050, 1500])
    func listsAreAsLongAsAskedFor(_ packages: Int) {
        let table = FleetDocuments(seed: 1, packages: packages).table
        #expect(table.rows.count == packages)
        #expect(Set(table.rows.map(\.application.name)).count == packages)
        let document = FleetDocuments(seed: 1, packages: packages).document(.installed, of: 1)
        #expect(document.body.count > packages * 20)
        #expect((try? Document(encoded: document.body)) == document)
    }

    @Test func theTableIsReadWhole() throws {
        #expect(PackageTable.standard.rows.count == 1050)
        let keys = PackageTable.standard.rows.map { Document.Item($0.application).key }
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }

    @Test func listsAreAsLongAsRealOnesAndDiffer() throws {
        let lists = try (0..<24).map { try documents.document(.installed, of: $0).installedApplications() }
        for list in lists { #expect((800...1000).contains(list.count), "\(list.count)") }
        #expect(Set(lists).count == lists.count)
        #expect(lists.allSatisfy { $0.contains { $0.name == "libc6" } || $0.count > 800 })
        // Shared for the most part: what the whole fleet has is not much more than the table twice.
        #expect(Set(lists.flatMap { $0 }).count <= 2100)
    }

    @Test func areTheSameWheneverTheyAreMade() {
        for device in [0, 1, 9_999] {
            #expect(documents.digests(of: device) == FleetDocuments(seed: 1).digests(of: device))
            #expect(documents.digests(of: device) != FleetDocuments(seed: 2).digests(of: device))
        }
    }

    @Test func everyDeviceIsNamedAndAddressed() {
        let facts = documents.document(.system, of: 300).facts()
        #expect(facts["host-name"] == .text("swarm-00300"))
        #expect(facts["addresses"] == .text("10.0.1.44"))
    }

    @Test func applicationsSayThatTheyHaveAppliedWhatTheDeviceHolds() throws {
        let (agent, settings) = (Digest(truncating: [1]), Digest(truncating: [2]))
        let without = try documents.applications(held: [.agent: agent, .settings: settings]).applications()
        #expect(without.map(\.application) == [.networkAgent])
        #expect(without[0].settings == agent && without[0].outcome == .applied)
        let more = FleetDocuments(seed: 1, hasServices: true)
        let with = try more.applications(held: [.settings: settings]).applications()
        #expect(with.map(\.application) == [.networkAgent, .services])
        #expect(with[0].settings == nil && with[0].outcome == .none)
        #expect(with[1].settings == settings && with[1].outcome == .applied)
        #expect(more.digests(of: 1)[.applications] == more.applications(held: [:]).digest)
    }

    @Test func updatesCountOn() throws {
        let table = PackageTable(text: "a 1.2-3 amd64 10\nb 2.0-1+deb12u4 all 1\nnot a package line at all\nc 1 all x\n")
        #expect(table.rows.map(\.updated.version) == ["1.2-3+deb12u1", "2.0-1+deb12u5"])
        let document = table.document { $0 == 0 ? .updated : .none }
        #expect(try document.installedApplications() == [table.rows[0].updated])
    }
}
