import MusterModel
import MusterStore
import Testing

/// What a change of a policy costs the database: as much as its own devices make of it.
@Suite struct PolicyCostTests {
    private let now = StoreFixture.start
    private let principal = StoreFixture.administrator

    @Test(arguments: DatabaseKind.allCases)
    func aChangeForOneGroupRunsTheSameStatementsHoweverManyDevicesAreInOthers(_ kind: DatabaseKind) async throws {
        let statements = StatementCount()
        try await StoreFixture.with(kind, statements: statements) { fixture in
            let (group, others) = (try await fixture.makeGroup("Changed"), try await fixture.makeGroup("Others"))
            let devices = [try await fixture.enrol("a"), try await fixture.enrol("b"), try await fixture.enrol("c")]
            try await place(devices, in: group, fixture)
            let policy = try await fixture.makePolicy("p", in: group).policy.id
            // The first reports make rows that later ones change.
            _ = try await statements.during { try await change(policy, for: devices, minutes: 5, fixture) }
            let alone = try await statements.during { try await change(policy, for: devices, minutes: 6, fixture) }
            let many = (0..<2_000).map { _ in DeviceID.random() }
            try await fixture.insert(many)
            try await place(many, in: others, fixture)
            let amongMany = try await statements.during { try await change(policy, for: devices, minutes: 7, fixture) }
            #expect(amongMany == alone)
            let onlyPolicy = try await statements.during { try await change(policy, for: [], minutes: 8, fixture) }
            // Each device's word: its session, the document, the row as it was and as it is, in a transaction with a savepoint.
            #expect(alone - onlyPolicy <= 8 * devices.count, "\(alone), \(onlyPolicy) of them for the policy")
            #expect(onlyPolicy > 0 && alone > onlyPolicy)
        }
    }

    private func place(_ devices: [DeviceID], in group: GroupID, _ fixture: StoreFixture) async throws {
        _ = try await fixture.store.setPlacement(of: devices, to: .fixed(group), principal: principal, now: now)
    }

    /// The policy, and then what each device says when it has applied it.
    private func change(
        _ policy: PolicyID, for devices: [DeviceID], minutes: Int64, _ fixture: StoreFixture
    ) async throws {
        let setting = ManagedSetting(.duration(.minutes(minutes)))
        _ = try await fixture.store.setContent(
            of: policy, PolicyContent(settings: [NetworkAgentKey.syncInterval: setting]), expectedRevision: nil,
            change: "interval", principal: principal, now: now)
        for device in devices {
            let report = ApplicationReport(
                application: .networkAgent, version: "1", state: .running, outcome: .applied, settings: .random())
            let isStored = try await fixture.store.storeDocument(
                device: device, session: 1, document: .applications, digest: .random(), body: [1], applications: [report],
                now: now)
            #expect(isStored)
        }
    }
}
