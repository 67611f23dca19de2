import MusterModel
import MusterStore
import Testing

@Suite struct DeviceApplicationTests {
    private let now = StoreFixture.start

    private func store(
        _ reports: [ApplicationReport], of device: DeviceID, session: Int64 = 1, at time: Timestamp = StoreFixture.start,
        in fixture: StoreFixture
    ) async throws -> Bool {
        try await fixture.store.storeDocument(
            device: device, session: session, document: .applications, digest: .random(), body: [1], applications: reports,
            now: time)
    }

    private let agent = ApplicationReport(
        application: .networkAgent, version: "0.1.0", state: .running, outcome: .applied, settings: .random())
    private let services = ApplicationReport(
        application: .services, version: "252", state: .failed,
        outcome: .failed(code: "readOnly", text: "The file is read-only."),
        settings: .random(), changedLocally: ["watched"], restricted: ["period"],
        problems: [ApplicationProblem(code: ApplicationProblem.unitFailed, subject: "ssh.service")],
        facts: [ApplicationFact(name: "ssh.service", text: "failed \"żółw\"")])

    @Test(arguments: DatabaseKind.allCases)
    func whatADeviceSaysIsReadAgain(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            #expect(try await store([services, agent], of: device, in: fixture))
            let found = try await fixture.store.fetchDeviceApplications(of: device)
            #expect(found == [agent, services].map { DeviceApplicationRecord($0, updated: now) })
            var withoutFacts = services
            withoutFacts.facts = []
            #expect(try await fixture.store.fetchAllDeviceApplications() == [device: [agent, withoutFacts]])
            #expect(try await fixture.store.fetchDevice(device)?.reported.keys.contains(.applications) == true)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func onlyWhatChangedIsTouched(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            _ = try await store([agent, services], of: device, in: fixture)
            var recovered = services
            recovered.state = .running
            recovered.problems = []
            _ = try await store([agent, recovered], of: device, at: now + .hours(1), in: fixture)
            let found = try await fixture.store.fetchDeviceApplications(of: device)
            #expect(found.map(\.updated) == [now, now + .hours(1)])
            #expect(found.last?.report == recovered)
            _ = try await store([recovered], of: device, at: now + .hours(2), in: fixture)
            let left = try await fixture.store.fetchDeviceApplications(of: device)
            #expect(left == [DeviceApplicationRecord(recovered, updated: now + .hours(1))])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func anEarlierSessionChangesNothing(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            _ = try await store([agent], of: device, session: 10, in: fixture)
            #expect(try await store([], of: device, session: 9, in: fixture) == false)
            #expect(try await fixture.store.fetchDeviceApplications(of: device).count == 1)
            _ = try await fixture.store.deleteDevice(device, principal: StoreFixture.administrator, now: now)
            let all = try await fixture.store.fetchAllDeviceApplications()
            #expect(all == [:])
        }
    }

    /// However much a device says, it is stored: cut to what people read.
    @Test(arguments: DatabaseKind.allCases)
    func whatIsTooMuchIsCut(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol()
            let long = String(repeating: "\"", count: 2_000)
            let control = String(repeating: "\u{1}", count: 2_000)
            let many = (0..<1_000).map { String(repeating: "\\", count: 300) + "\($0)" }
            let report = ApplicationReport(
                application: .services, version: long, state: .running, outcome: .failed(code: long, text: control),
                changedLocally: many, restricted: many, problems: many.map { ApplicationProblem(code: control, subject: $0) },
                facts: many.map { ApplicationFact(name: $0, text: $0) })
            let others = (100..<200).compactMap { ApplicationID("a\($0)") }.map {
                ApplicationReport(application: $0, state: .stopped)
            }
            #expect(try await store([report] + others, of: device, in: fixture))
            let found = try await fixture.store.fetchDeviceApplications(of: device)
            #expect(found.count == 64)
            #expect(try await store([report], of: device, in: fixture))
            let one = try #require(try await fixture.store.fetchDeviceApplications(of: device).first?.report)
            #expect(one.facts.count == 128 && one.facts.first?.text.utf8.count == 255)
            #expect(one.version.utf8.count == 64)
            #expect(try await store([report], of: device, at: now + .hours(1), in: fixture))
            let again = try await fixture.store.fetchDeviceApplications(of: device)
            #expect(again.map(\.updated) == [now], "what is cut is compared as it is stored")
        }
    }
}
