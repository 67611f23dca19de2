import MusterModel
import MusterStore
import Testing

@Suite struct DocumentTests {
    @Test(arguments: DatabaseKind.allCases)
    func bodiesAndDigests(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            let digest = Digest.random()
            let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
            #expect(try await store.documentBody(device: device, document: .system) == nil)
            let stored = try await store.storeDocument(
                device: device, session: 10, document: .system, digest: digest, body: body,
                system: SystemSummary(hostName: "cow", operatingSystem: "Debian 12", agentVersion: "0.1"), now: StoreFixture.start
            )
            #expect(stored)
            #expect(try await store.documentBody(device: device, document: .system) == body)
            let record = try #require(try await store.fetchDevice(device))
            #expect(record.reported == [.system: digest])
            #expect(record.operatingSystem == "Debian 12")
            #expect(record.agentVersion == "0.1")
            #expect(record.lastSession == 10)
        }
    }

    /// A session that is over never overwrites what its successor stored, in any document.
    @Test(arguments: DatabaseKind.allCases)
    func anEarlierSessionWritesNothing(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            let bash = InstalledApplication(source: "dpkg", name: "bash", version: "5.2")
            #expect(try await fixture.report(device, .whole([bash]), session: 10))
            #expect(try await fixture.report(device, .whole([]), session: 9) == false)
            let other = try await fixture.store.storeDocument(
                device: device, session: 9, document: .hardware, digest: .random(), body: [], now: StoreFixture.start)
            #expect(other == false)
            #expect(try await fixture.report(device, .whole([bash]), session: 10))
            #expect(try await fixture.store.fetchInstalled(device: device, after: nil, limit: 10).count == 1)
            #expect(try await fixture.store.fetchDevice(device)?.reported.keys.contains(.hardware) == false)
        }
    }
}
