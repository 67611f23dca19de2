import MusterModel
import MusterStore
import Testing

@Suite struct PolicyTests {
    private let now = StoreFixture.start
    private let principal = StoreFixture.administrator

    @Test(arguments: DatabaseKind.allCases)
    func aPolicyIsKeptAsItIs(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Office")
            let policy = Policy(
                id: .random(), application: .services, group: group, name: "Services", content: .everyKindOfValue)
            let made = try await store.createPolicy(policy, principal: principal, now: now)
            #expect(made == PolicyChange(PolicyRecord(policy, created: now, changed: now)))
            #expect(try await store.fetchPolicy(policy.id) == made.policy)
            #expect(try await store.fetchPolicies() == [made.policy])
            #expect(try await store.fetchPolicy(.random()) == nil)
            let audit = try #require(try await store.fetchAudit(limit: 10).last)
            #expect(audit.action == "create-policy" && audit.object == "\(policy.id)")
            #expect(!audit.parameters.jsonText.contains("c0ffee"), "secrets stay out of the audit trail")
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func oneOfAnApplicationInAGroupIsActive(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Office")
            let (a, b) = (try await fixture.makePolicy("a"), try await fixture.makePolicy("b"))
            let elsewhere = try await fixture.makePolicy("elsewhere", in: group)
            let other = try await fixture.makePolicy("other", of: .services)
            #expect(b.deactivated?.id == a.policy.id)
            #expect(b.deactivated?.policy.revision == 2)
            #expect(other.deactivated == nil && elsewhere.deactivated == nil)
            let back = try await store.setActive(
                a.policy.id, to: true, expectedRevision: 2, principal: principal, now: now)
            #expect(back.policy.policy.isActive && back.policy.policy.revision == 3)
            #expect(back.deactivated?.id == b.policy.id)
            let moved = try await store.movePolicy(
                elsewhere.policy.id, to: .root, expectedRevision: 1, principal: principal, now: now)
            #expect(moved.policy.policy.group == .root && moved.deactivated?.id == a.policy.id)
            let off = try await store.setActive(
                elsewhere.policy.id, to: false, expectedRevision: nil, principal: principal, now: now)
            #expect(!off.policy.policy.isActive && off.deactivated == nil)
            let active = try await store.fetchPolicies().filter(\.policy.isActive).map(\.policy.name)
            #expect(active == ["other"])
            let actions = try await store.fetchAudit(limit: 50).map(\.action)
            #expect(actions.count { $0 == "deactivate-policy" } == 4)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func theSecondOfTwoIsToldAndNothingOfItsChangeIsKept(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let made = try await fixture.makePolicy("a")
            let (id, other) = (made.policy.id, try await fixture.makePolicy("b", isActive: false).policy.id)
            let changed = try await store.setContent(
                of: id, .everyKindOfValue, expectedRevision: 1, change: "all kinds", principal: principal, now: now + .hours(1))
            #expect(changed.policy.revision == 2 && changed.policy.content == .everyKindOfValue)
            #expect(changed.changed == now + .hours(1) && changed.created == now)
            let before = (try await store.fetchPolicies(), try await store.fetchAudit(limit: 50).count)
            let codes = [
                await code {
                    _ = try await store.setContent(
                        of: id, PolicyContent(), expectedRevision: 1, change: "", principal: principal, now: now)
                },
                await code {
                    _ = try await store.renamePolicy(id, name: "c", expectedRevision: 1, principal: principal, now: now)
                },
                await code { _ = try await store.deletePolicy(id, expectedRevision: 1, principal: principal, now: now) },
                await code {
                    _ = try await store.setActive(other, to: true, expectedRevision: 7, principal: principal, now: now)
                },
            ]
            #expect(codes == [.conflict, .conflict, .conflict, .conflict])
            let nowhere = await code {
                _ = try await store.movePolicy(id, to: .random(), expectedRevision: nil, principal: principal, now: now)
            }
            #expect(nowhere == .refused)
            let unknown = await code {
                _ = try await store.renamePolicy(.random(), name: "c", expectedRevision: nil, principal: principal, now: now)
            }
            #expect(unknown == .notFound)
            let after = (try await store.fetchPolicies(), try await store.fetchAudit(limit: 50).count)
            #expect(after.0 == before.0)
            #expect(after.1 == before.1)
            let same = try await store.setContent(
                of: id, .everyKindOfValue, expectedRevision: 2, change: "again", principal: principal, now: now)
            #expect(same == changed, "the same content is no revision")
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func revisionsSayWhoDidWhatWhen(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let id = try await fixture.makePolicy("a").policy.id
            _ = try await store.setContent(
                of: id, .everyKindOfValue, expectedRevision: 1, change: "watch more", principal: .system, now: now + .hours(1))
            _ = try await store.renamePolicy(
                id, name: "b", expectedRevision: 2, principal: principal, now: now + .hours(2))
            #expect(try await store.deletePolicy(id, expectedRevision: 3, principal: principal, now: now + .hours(3)) != nil)
            #expect(try await store.deletePolicy(id, expectedRevision: nil, principal: principal, now: now) == nil)
            let all = try await store.fetchRevisions(of: id, limit: 10)
            #expect(all.map(\.change) == ["deleted", "renamed", "watch more", "created"])
            #expect(all.map(\.revision) == [4, 3, 2, 1])
            #expect(all.map(\.name) == ["b", "b", "a", "a"])
            #expect(all[2].principal == .system && all[2].at == now + .hours(1) && all[2].content == nil)
            #expect(try await store.fetchRevisions(of: id, before: 3, limit: 1) == [all[2]])
            let full = try #require(try await store.fetchRevision(2, of: id))
            #expect(full.content == .everyKindOfValue)
            #expect(try await store.fetchRevision(1, of: id)?.content == PolicyContent())
            #expect(try await store.fetchRevision(5, of: id) == nil)

            let kept = try await fixture.makePolicy("kept").policy.id
            #expect(try await store.deleteOldPolicyRevisions(before: now + .hours(2)) == 2)
            #expect(try await store.deleteOldPolicyRevisions(before: now + .hours(2)) == 0)
            #expect(try await store.fetchRevisions(of: id, limit: 10).map(\.revision) == [4, 3])
            #expect(try await store.fetchRevisions(of: kept, limit: 10).count == 1)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func theNewestHundredRevisionsAreKept(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let id = try await fixture.makePolicy("a").policy.id
            for number in 2...103 {
                _ = try await store.renamePolicy(
                    id, name: "n\(number)", expectedRevision: nil, principal: principal, now: now)
            }
            let kept = try await store.fetchRevisions(of: id, limit: 1_000).map(\.revision)
            #expect(kept == (4...103).reversed())
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func contentIsSoLargeAndNoLarger(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let id = try await fixture.makePolicy("a").policy.id
            let empty = PolicyContent(settings: ["k": ManagedSetting(.text(""))])
            // {"profiles":[],"settings":{"k":{"locked":false,"value":""}}}
            let frame = 60
            func content(_ bytes: Int) -> PolicyContent {
                var content = empty
                content.settings["k"] = ManagedSetting(.text(String(repeating: "x", count: bytes - frame)))
                return content
            }
            let most = content(256 << 10)
            let stored = try await store.setContent(
                of: id, most, expectedRevision: nil, change: "", principal: principal, now: now)
            #expect(stored.policy.content == most)
            let more = content(256 << 10 + 1)
            let refused = await code {
                _ = try await store.setContent(
                    of: id, more, expectedRevision: nil, change: "", principal: principal, now: now)
            }
            #expect(refused == .refused)
            #expect(try await store.fetchPolicy(id) == stored)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func soManyPoliciesAndNoMore(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            try await fixture.store.write { connection throws(StoreError) in
                for number in 1..<PolicyRecord.maximumCount {
                    try connection.run(
                        """
                        INSERT INTO policy (id, application, group_id, name, active, revision, content, created, changed)
                        VALUES ($1, 'services', $2, $3, 0, 1, '{"profiles":[],"settings":{}}', 0, 0)
                        """, [.bytes(PolicyID.random().bytes), .bytes(GroupID.root.bytes), .text("p\(number)")])
                }
            }
            _ = try await fixture.makePolicy("the last")
            let more = await code { _ = try await fixture.makePolicy("one more") }
            #expect(more == .refused)
            #expect(try await fixture.store.fetchPolicies().count == PolicyRecord.maximumCount)
            #expect(try await fixture.store.fetchPolicies().count(where: \.policy.isActive) == 1)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func theActivePolicyIsEditedOrMade(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            func edit(_ minutes: Int64, _ revision: Int64?) async throws -> PolicyRecord {
                try await fixture.store.editActivePolicy(
                    of: .networkAgent, in: .root, new: (.random(), "Network Agent"), expectedRevision: revision,
                    change: "sync-interval", principal: principal, now: now
                ) {
                    $0.settings[NetworkAgentKey.syncInterval] = ManagedSetting(.duration(.minutes(minutes)))
                }
            }
            let made = try await edit(5, 0)
            #expect(made.policy.isActive && made.policy.name == "Network Agent" && made.policy.revision == 1)
            let edited = try await edit(7, 1)
            #expect(edited.id == made.id && edited.policy.revision == 2)
            #expect(edited.policy.content.settings[NetworkAgentKey.syncInterval]?.value == .duration(.minutes(7)))
            #expect(await code { _ = try await edit(8, 1) } == .conflict)
            #expect(await code { _ = try await edit(8, 0) } == .conflict)
            #expect(try await fixture.store.fetchPolicies() == [edited])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func policiesGoWithTheirGroupOrKeepIt(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("Office")
            let id = try await fixture.makePolicy("a", in: group).policy.id
            let kept = try await store.deleteGroup(group, expectedRevision: nil, principal: principal, now: now)
            #expect(kept == .inUse(GroupUse(policies: 1)))
            let gone = try await store.deleteGroup(
                group, GroupDeletion(policies: true), expectedRevision: nil, principal: principal, now: now)
            #expect(gone == .deleted(devices: [], policies: [id], rules: [], position: nil))
            #expect(try await store.fetchPolicies() == [])
            #expect(try await store.fetchRevisions(of: id, limit: 10).map(\.change) == ["deleted", "created"])
        }
    }
}

extension PolicyContent {
    static let everyKindOfValue = PolicyContent(
        settings: [
            "on": ManagedSetting(.onOff(true), isLocked: true), "off": ManagedSetting(.onOff(false)),
            "number": ManagedSetting(.number(.max)), "small": ManagedSetting(.number(1)),
            "duration": ManagedSetting(.duration(.minutes(15))), "text": ManagedSetting(.text("a/b \"ż\" \\ \u{1F4BB}")),
            "list": ManagedSetting(.list(["ssh.service", ""])), "empty": ManagedSetting(.list([])),
            "secret": ManagedSetting(.secret(SecretValue(bytes: [0xc0, 0xff, 0xee]))),
        ],
        profiles: [
            PolicyProfile(
                name: "Servers", condition: "tag = server", isEnabled: false, settings: ["on": ManagedSetting(.onOff(false))])
        ])
}

extension StoreFixture {
    func makePolicy(
        _ name: String, of application: ApplicationID = .networkAgent, in group: GroupID = .root, isActive: Bool = true
    ) async throws -> PolicyChange {
        try await store.createPolicy(
            Policy(id: .random(), application: application, group: group, name: name, isActive: isActive),
            principal: Self.administrator, now: Self.start)
    }
}
