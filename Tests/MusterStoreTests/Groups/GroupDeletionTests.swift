import MusterModel
import MusterStore
import Testing

@Suite struct GroupDeletionTests {
    private let now = StoreFixture.start
    private let principal = StoreFixture.administrator

    private func delete(
        _ group: GroupID, _ deletion: GroupDeletion = GroupDeletion(), in fixture: StoreFixture
    ) async throws -> GroupDeletionOutcome {
        try await fixture.store.deleteGroup(group, deletion, expectedRevision: nil, principal: principal, now: now)
    }

    private func place(_ device: DeviceID, in group: GroupID, _ fixture: StoreFixture) async throws {
        _ = try await fixture.store.setPlacement(of: [device], to: .fixed(group), principal: principal, now: now)
    }

    @Test(arguments: DatabaseKind.allCases)
    func anEmptyGroupGoes(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let group = try await fixture.makeGroup("Office")
            let stale = await code {
                _ = try await fixture.store.deleteGroup(group, expectedRevision: 2, principal: principal, now: now)
            }
            #expect(stale == .conflict)
            #expect(try await delete(group, in: fixture) == .deleted(devices: [], policies: [], rules: [], position: nil))
            #expect(try await fixture.store.fetchGroups().map(\.id) == [.root])
            #expect(try await fixture.store.fetchAudit(limit: 5).last?.action == "delete-group")
            #expect(await code { _ = try await delete(group, in: fixture) } == .notFound)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatNobodySaidAWordAboutKeepsTheGroup(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Office")
            _ = try await fixture.makeGroup("Below", under: group)
            let device = try await fixture.enrol()
            try await place(device, in: group, fixture)
            let rule = DeviceRule(id: .random(), name: "r", condition: "name = a", effect: .move(to: group))
            _ = try await store.createRule(rule, principal: principal, now: now)
            let audit = try await store.fetchAudit(limit: 100).count
            let everything = GroupUse(groups: 1, devices: 1, rules: 1)
            #expect(try await delete(group, in: fixture) == .inUse(everything))
            let all = GroupDeletion(devices: .moveTo(nil), policies: true, rules: true, targets: true)
            #expect(try await delete(group, all, in: fixture) == .inUse(everything), "groups below it go first")
            #expect(try await store.fetchDevice(device)?.placement == .fixed(group))
            #expect(try await store.fetchRules(.moving).count == 1)
            #expect(try await store.fetchAudit(limit: 100).count == audit)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func expressionsThatNameItKeepIt(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (old, other) = (try await fixture.makeGroup("Old"), try await fixture.makeGroup("Older"))
            for (name, text) in [("here", "not group = /Old"), ("below", "group under /Old/A"), ("else", "group = /Older")] {
                _ = try await store.createSelection(.random(), name: name, expression: text, principal: principal, now: now)
            }
            for (policy, group) in [("own", old), ("other", other)] {
                let profiles = ["group = /Old", "group = /"].map { PolicyProfile(name: $0, condition: $0) }
                _ = try await store.createPolicy(
                    Policy(
                        id: .random(), application: .networkAgent, group: group, name: policy, isActive: true,
                        content: PolicyContent(profiles: profiles)), principal: principal, now: now)
            }
            let use = GroupUse(
                policies: 1, selections: ["below", "here"], profiles: [.init(policy: "other", name: "group = /Old")])
            #expect(try await delete(old, GroupDeletion(policies: true), in: fixture) == .inUse(use))
            let selections = try await store.fetchSelections()
            let outcome = try await delete(old, GroupDeletion(policies: true, expressions: true), in: fixture)
            guard case .deleted = outcome else { Issue.record("\(outcome)"); return }
            #expect(try await store.fetchSelections() == selections, "they stay as they are")
            #expect(try await store.fetchPolicies().map(\.policy.name) == ["other"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func devicesMoveAndRulesGoWithIt(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (old, new) = (try await fixture.makeGroup("Old"), try await fixture.makeGroup("New"))
            let device = try await fixture.enrol()
            let gone = try await fixture.enrol("gone")
            for device in [device, gone] { try await place(device, in: old, fixture) }
            _ = try await store.deleteDevice(gone, principal: principal, now: now)
            let rules = [GroupID?.some(old), new].map {
                DeviceRule(id: .random(), name: "r", condition: "name = a", effect: .move(to: $0))
            }
            for rule in rules { _ = try await store.createRule(rule, principal: principal, now: now) }
            let itself = await code {
                _ = try await delete(old, GroupDeletion(devices: .moveTo(old), rules: true), in: fixture)
            }
            #expect(itself == .refused)
            let nowhere = await code {
                _ = try await delete(old, GroupDeletion(devices: .moveTo(.random()), rules: true), in: fixture)
            }
            #expect(nowhere == .refused)
            #expect(try await store.fetchDevice(device)?.placement == .fixed(old))
            let outcome = try await delete(old, GroupDeletion(devices: .moveTo(new), rules: true), in: fixture)
            #expect(outcome == .deleted(devices: [device], policies: [], rules: [rules[0].id], position: nil))
            #expect(try await store.fetchDevice(device)?.placement == .fixed(new))
            #expect(try await store.fetchRules(.moving).map(\.id) == [rules[1].id])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func devicesAreDeletedWhenToldSo(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let group = try await fixture.makeGroup("Office")
            let device = try await fixture.enrol()
            try await place(device, in: group, fixture)
            let outcome = try await delete(group, GroupDeletion(devices: .delete), in: fixture)
            let event = try #require(try await fixture.store.fetchEvents(device: device, afterPosition: 0, limit: 10).last)
            #expect(event.type == EventType.deviceDeleted)
            #expect(outcome == .deleted(devices: [device], policies: [], rules: [], position: event.position))
            #expect(try await fixture.store.fetchDevice(device) == nil)
            let all = try await fixture.store.fetchAllDevices()
            #expect(all.first?.deleted == now)
        }
    }
}
