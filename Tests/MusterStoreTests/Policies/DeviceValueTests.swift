import MusterModel
import MusterStore
import Testing

@Suite struct DeviceValueTests {
    private let now = StoreFixture.start
    private let principal = StoreFixture.administrator

    private func set(
        _ device: DeviceID, _ changes: [String: ManagedValue?], of application: ApplicationID = .networkAgent,
        revision: Int64? = nil, in fixture: StoreFixture
    ) async throws -> Int64 {
        try await fixture.store.setDeviceValues(
            of: device, application, changes, expectedRevision: revision, principal: principal, now: now)
    }

    @Test(arguments: DatabaseKind.allCases)
    func valuesAreSetAndTakenBack(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol("pc-1")
            let all = PolicyContent.everyKindOfValue.settings.mapValues(\.value)
            #expect(try await set(device, all, of: .services, revision: 1, in: fixture) == 2)
            let agent: [String: ManagedValue?] = [
                NetworkAgentKey.syncInterval: .duration(.minutes(5)), NetworkAgentKey.firewall: .onOff(true),
            ]
            #expect(try await set(device, agent, revision: 2, in: fixture) == 3)
            let record = try #require(try await store.fetchDevice(device))
            #expect(record.values[.services] == all)
            #expect(record.own == DeviceSettings(syncInterval: SyncInterval(checking: .minutes(5)), opensFirewall: true))
            #expect(try await store.fetchAllDevices() == [record])
            #expect(try await set(device, [NetworkAgentKey.firewall: nil, "never": nil], in: fixture) == 4)
            #expect(try await store.fetchDevice(device)?.own.opensFirewall == nil)
            #expect(try await set(device, [NetworkAgentKey.firewall: nil], revision: 4, in: fixture) == 4, "it was so")
            let audit = try await store.fetchAudit(limit: 20).filter { $0.action == "set-device-values" }
            #expect(audit.count == 3)
            #expect(audit[1].parameters["set"] == .text("firewall = on; sync-interval = 5m"))
            #expect(audit[2].parameters["unset"] == .text("firewall"))
            #expect(!audit[0].parameters.jsonText.contains("c0ffee"))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aRefusedChangeLeavesNothing(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            #expect(await code { _ = try await set(device, ["a": .number(1)], revision: 7, in: fixture) } == .conflict)
            #expect(await code { _ = try await set(.random(), ["a": .number(1)], in: fixture) } == .notFound)
            let long = await code {
                _ = try await set(device, ["a": .number(1), String(repeating: "k", count: 65): .number(1)], in: fixture)
            }
            #expect(long == .refused)
            let record = try #require(try await fixture.store.fetchDevice(device))
            #expect(record.values == [:] && record.revision == 1)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aDeviceHasSoManyAndNoMore(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            let many = (0..<Store.maximumDeviceValues).map { ("k\($0)", ManagedValue?.some(.number(Int64($0)))) }
            _ = try await set(device, Dictionary(uniqueKeysWithValues: many), in: fixture)
            #expect(await code { _ = try await set(device, ["more": .number(1)], of: .services, in: fixture) } == .refused)
            #expect(try await set(device, ["k0": .number(7)], in: fixture) == 3)
            let record = try #require(try await fixture.store.fetchDevice(device))
            #expect(record.values[.networkAgent]?.count == Store.maximumDeviceValues && record.values[.services] == nil)
            _ = try await fixture.store.deleteDevice(device, principal: principal, now: now)
            let tombstone = try await fixture.store.fetchAllDevices()
            #expect(tombstone.first?.values == [:])
        }
    }
}
