import MusterModel
import MusterStore
import Testing

/// What connection requests and shutdown notices keep in the database.
@Suite struct DatagramTests {
    @Test(arguments: DatabaseKind.allCases)
    func whatADeviceReportsOfItsPort(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let (device, other) = (try await fixture.enrol(), try await fixture.enrol())
            func report(_ summary: SystemSummary, session: Int64) async throws {
                _ = try await fixture.store.storeDocument(
                    device: device, session: session, document: .system, digest: .random(), body: [1], system: summary,
                    now: StoreFixture.start)
            }
            #expect(try await fixture.store.fetchDevice(device)?.system == nil)
            for (session, port) in ([nil, 0, 15_000, 65_535, nil] as [UInt16?]).enumerated() {
                let summary = SystemSummary(hostName: "a", addresses: "192.0.2.1, 192.0.2.2", udpPort: port)
                try await report(summary, session: Int64(session))
                #expect(try await fixture.store.fetchDevice(device)?.system == summary)
            }
            #expect(try await fixture.store.fetchDevice(other)?.system == nil)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whenARequestLastGotThrough(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let devices = [try await fixture.enrol(), try await fixture.enrol()]
            let start = StoreFixture.start
            func row(_ device: DeviceID, _ time: Timestamp?) -> LivenessRow {
                LivenessRow(device: device, session: 1, lastConnection: start, requestGotThrough: time)
            }
            try await fixture.store.flushLiveness([row(devices[0], start + .seconds(1)), row(devices[1], nil)], now: start)
            try await fixture.store.flushLiveness([row(devices[0], nil)], now: start)
            #expect(try await fixture.store.fetchDevice(devices[0])?.requestGotThrough == start + .seconds(1))
            #expect(try await fixture.store.fetchDevice(devices[1])?.requestGotThrough == nil)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func thatANoticeEverCame(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            #expect(try await fixture.store.fetchLastNotice() == nil)
            for time in [StoreFixture.start, StoreFixture.start + .hours(1)] {
                try await fixture.store.noticeReceived(time)
                #expect(try await fixture.store.fetchLastNotice() == time)
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func certificatesByTheirKey(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let key = Fingerprint.random()
            let device = try await fixture.enrol(key: key)
            #expect(try await fixture.store.certificateDER(device: device, publicKey: key)?.isEmpty == false)
            #expect(try await fixture.store.certificateDER(device: device, publicKey: .random()) == nil)
            #expect(try await fixture.store.certificateDER(device: .random(), publicKey: key) == nil)
            _ = try await fixture.store.deleteDevice(
                device, principal: StoreFixture.administrator, now: StoreFixture.start)
            #expect(try await fixture.store.certificateDER(device: device, publicKey: key) == nil)
            let isThere = try await fixture.store.auditConnectionRequest(
                device, principal: StoreFixture.administrator, now: StoreFixture.start)
            #expect(!isThere)
        }
    }
}
