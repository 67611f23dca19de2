import MusterModel
import MusterStore
import Testing

@Suite struct GroupTests {
    private let now = StoreFixture.start
    private let principal = StoreFixture.administrator

    private func expectDefault(_ group: GroupID?, revision: Int64, in fixture: StoreFixture) async throws {
        let found = try await fixture.store.fetchDefaultGroup()
        #expect(found.group == group)
        #expect(found.revision == revision)
    }

    @Test(arguments: DatabaseKind.allCases)
    func theRootIsThereFromTheStart(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let groups = try await fixture.store.fetchGroups()
            #expect(groups.map(\.group) == [AdministrationGroup(id: .root, parent: nil, name: "Managed devices")])
            try await expectDefault(.root, revision: 0, in: fixture)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func groupsAreMadeRenamedAndMoved(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let warsaw = try await fixture.makeGroup("Warsaw")
            let office = try await fixture.makeGroup("Office", under: warsaw)
            let berlin = try await fixture.makeGroup("Berlin")
            let later = now + .minutes(1)
            let renamed = try await store.renameGroup(
                office, name: "Front office", expectedRevision: 1, principal: principal, now: later
            ).group
            #expect(renamed.group == AdministrationGroup(id: office, parent: warsaw, name: "Front office"))
            #expect(renamed.revision == 2 && renamed.created == now && renamed.changed == later)
            let moved = try await store.moveGroup(
                office, under: berlin, expectedRevision: 2, principal: principal, now: later
            ).group
            #expect(moved.revision == 3)
            #expect(try await store.fetchGroup(office) == moved)
            let same = try await store.moveGroup(office, under: berlin, expectedRevision: 3, principal: principal, now: later)
                .group
            #expect(same == moved)
            let tree = GroupTree(try await store.fetchGroups().map(\.group))
            #expect(tree.names(to: office) == ["Berlin", "Front office"])
            let audit = try await store.fetchAudit(limit: 10)
            #expect(audit.map(\.action) == ["create-group", "create-group", "create-group", "rename-group", "move-group"])
            #expect(audit[3].parameters == ["from": .text("Office"), "to": .text("Front office")])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatNamesAGroupByItsPathFollowsIt(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let warsaw = try await fixture.makeGroup("Warsaw")
            let office = try await fixture.makeGroup("Office", under: warsaw)
            let selection = try await store.createSelection(
                .random(), name: "office", expression: "group under /Warsaw/Office", principal: principal, now: now)
            _ = try await store.createSelection(
                .random(), name: "other", expression: "tag = x", principal: principal, now: now)
            let profile = PolicyProfile(name: "p", condition: "group = /Warsaw and tag = x", settings: [:])
            let policy = Policy(
                id: .random(), application: .networkAgent, group: .root, name: "Standard",
                content: PolicyContent(settings: [:], profiles: [profile]))
            _ = try await store.createPolicy(policy, principal: principal, now: now)

            let renamed = try await store.renameGroup(
                warsaw, name: "Old town", expectedRevision: nil, principal: principal, now: now)
            #expect(renamed.policies.map(\.revision) == [2])
            #expect(renamed.policies.first?.content.profiles.map(\.condition) == [#"group = "/Old town" and tag = x"#])
            #expect(try await store.fetchPolicy(policy.id)?.policy == renamed.policies.first)
            #expect(try await store.fetchRevisions(of: policy.id, limit: 1).first?.change == "profiles: /Warsaw became /Old town")
            let followed = try await store.fetchSelection(selection.id)
            #expect(followed?.expression == #"group under "/Old town/Office""# && followed?.revision == 2)

            let moved = try await store.moveGroup(
                office, under: .root, expectedRevision: nil, principal: principal, now: now)
            #expect(moved.policies.isEmpty)
            #expect(try await store.fetchSelections().map(\.expression) == ["group under /Office", "tag = x"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatTheTreeDoesNotTakeIsRefusedAndChangesNothing(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let warsaw = try await fixture.makeGroup("Warsaw")
            let office = try await fixture.makeGroup("Office", under: warsaw)
            let before = try await store.fetchGroups()
            let taken = await refusal { _ = try await fixture.makeGroup("Warsaw") }
            #expect(taken == .nameTaken)
            let slash = await refusal { _ = try await fixture.makeGroup("a/b") }
            #expect(slash == .badName)
            let nowhere = await refusal { _ = try await fixture.makeGroup("x", under: .random()) }
            #expect(nowhere == .noSuchParent)
            let ring = await refusal {
                _ = try await store.moveGroup(warsaw, under: office, expectedRevision: nil, principal: principal, now: now)
            }
            #expect(ring == .ring)
            let root = await refusal {
                _ = try await store.moveGroup(.root, under: office, expectedRevision: nil, principal: principal, now: now)
            }
            #expect(root == .isRoot)
            let noRoot = await refusal {
                _ = try await store.deleteGroup(.root, expectedRevision: nil, principal: principal, now: now)
            }
            #expect(noRoot == .isRoot)
            let stale = await code {
                _ = try await store.renameGroup(office, name: "x", expectedRevision: 7, principal: principal, now: now)
            }
            #expect(stale == .conflict)
            let unknown = await code {
                _ = try await store.renameGroup(.random(), name: "x", expectedRevision: nil, principal: principal, now: now)
            }
            #expect(unknown == .notFound)
            #expect(try await store.fetchGroups() == before)
            #expect(try await store.fetchAudit(limit: 10).count == 2)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aThousandGroupsDeepAreAsManyAsGo(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let ids = (1..<GroupTree.maximumDepth).map { _ in GroupID.random() }
            try await fixture.store.write { connection throws(StoreError) in
                for (index, id) in ids.enumerated() {
                    let parent = index == 0 ? GroupID.root : ids[index - 1]
                    try connection.run(
                        """
                        INSERT INTO device_group (id, parent, name, revision, created, changed) VALUES ($1, $2, $3, 1, 0, 0)
                        """, [.bytes(id.bytes), .bytes(parent.bytes), .text("g\(index)")])
                }
            }
            let deepest = try #require(ids.last)
            #expect(GroupTree(try await fixture.store.fetchGroups().map(\.group)).depth(of: deepest) == GroupTree.maximumDepth)
            let deeper = await refusal { _ = try await fixture.makeGroup("one more", under: deepest) }
            #expect(deeper == .tooDeep)
            let above = ids[ids.count - 2]
            _ = try await fixture.makeGroup("beside it", under: above)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func theDefaultGroupIsAGroupOrNone(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let group = try await fixture.makeGroup("New ones")
            #expect(try await store.setDefaultGroup(group, expectedRevision: 0, principal: principal, now: now) == 1)
            try await expectDefault(group, revision: 1, in: fixture)
            let inUse = try await store.deleteGroup(group, expectedRevision: nil, principal: principal, now: now)
            #expect(inUse == .inUse(GroupUse(isDefault: true)))
            try await store.setDefaultGroup(nil, expectedRevision: 1, principal: principal, now: now)
            try await expectDefault(nil, revision: 2, in: fixture)
            let stale = await code {
                try await store.setDefaultGroup(group, expectedRevision: 1, principal: principal, now: now)
            }
            #expect(stale == .conflict)
            let unknown = await code {
                try await store.setDefaultGroup(.random(), expectedRevision: nil, principal: principal, now: now)
            }
            #expect(unknown == .refused)
            #expect(try await store.fetchDefaultGroup().revision == 2)
        }
    }
}

extension StoreFixture {
    func makeGroup(_ name: String, under parent: GroupID = .root) async throws -> GroupID {
        try await store.createGroup(
            AdministrationGroup(id: .random(), parent: parent, name: name), principal: Self.administrator, now: Self.start
        ).id
    }
}

/// Why the tree did not take it.
private func refusal(_ body: () async throws -> Void) async -> GroupTree.Refusal? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? StoreError)?.underlying as? GroupTree.Refusal
    }
}
