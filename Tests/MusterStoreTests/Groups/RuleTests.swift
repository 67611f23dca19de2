import MusterModel
import MusterStore
import Testing

@Suite struct RuleTests {
    private let now = StoreFixture.start
    private let principal = StoreFixture.administrator

    private func rule(_ name: String, _ effect: DeviceRule.Effect = .move(to: .root)) -> DeviceRule {
        DeviceRule(id: .random(), name: name, condition: "name = a", effect: effect)
    }

    private func names(_ kind: RuleKind, _ fixture: StoreFixture) async throws -> [String] {
        try await fixture.store.fetchRules(kind).map(\.rule.name)
    }

    @Test(arguments: DatabaseKind.allCases)
    func rulesOfEachKindAreInAnOrder(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (a, b, c) = (rule("a"), rule("b", .move(to: nil)), rule("c"))
            for rule in [a, b] { _ = try await store.createRule(rule, principal: principal, now: now) }
            _ = try await store.createRule(c, at: 0, principal: principal, now: now)
            _ = try await store.createRule(rule("t", .tag("web")), at: 99, principal: principal, now: now)
            #expect(try await store.fetchRules(.moving).map(\.rule) == [c, a, b])
            #expect(try await names(.tag, fixture) == ["t"])
            try await store.reorderRules(.moving, [b.id, c.id, a.id], principal: principal, now: now)
            #expect(try await names(.moving, fixture) == ["b", "c", "a"])
            for wrong in [[b.id, c.id], [b.id, c.id, c.id], [a.id, b.id, .random()]] {
                let changed = await code {
                    try await store.reorderRules(.moving, wrong, principal: principal, now: now)
                }
                #expect(changed == .conflict)
            }
            #expect(try await store.deleteRule(c.id, expectedRevision: 1, principal: principal, now: now))
            #expect(try await store.deleteRule(c.id, expectedRevision: nil, principal: principal, now: now) == false)
            _ = try await store.createRule(rule("d"), at: 1, principal: principal, now: now)
            #expect(try await names(.moving, fixture) == ["b", "d", "a"])
            let actions = try await store.fetchAudit(limit: 20).map(\.action)
            #expect(actions.suffix(3) == ["reorder-rules", "delete-rule", "create-rule"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aRuleIsChangedByTheOneWhoSawIt(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let old = rule("t", .tag("web"))
            _ = try await store.createRule(old, principal: principal, now: now)
            let new = try await store.editRule(old.id, expectedRevision: 1, principal: principal, now: now) {
                $0.isEnabled = false
                $0.effect = .tag("mail")
                $0.condition = "name = b"
            }
            #expect(new.revision == 2)
            #expect(try await store.fetchRules(.tag) == [new])
            let stale = await code {
                _ = try await store.editRule(old.id, expectedRevision: 1, principal: principal, now: now) { $0.name = "x" }
            }
            #expect(stale == .conflict)
            let other = await code {
                _ = try await store.editRule(old.id, expectedRevision: nil, principal: principal, now: now) {
                    $0.effect = .move(to: nil)
                }
            }
            #expect(other == .refused)
            let staleDeletion = await code {
                _ = try await store.deleteRule(old.id, expectedRevision: 1, principal: principal, now: now)
            }
            #expect(staleDeletion == .conflict)
            let unknown = await code {
                _ = try await store.editRule(.random(), expectedRevision: nil, principal: principal, now: now) { _ in }
            }
            #expect(unknown == .notFound)
            #expect(try await store.fetchRules(.tag) == [new])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatIsNoGroupTagOrNameIsRefused(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            for rule in [rule("a", .move(to: .random())), rule("b", .tag("a,b")), rule(""), rule(" x")] {
                #expect(
                    await code { _ = try await fixture.store.createRule(rule, principal: principal, now: now) } == .refused,
                    "\(rule)")
            }
            let (moving, audit) = (try await fixture.store.fetchRules(.moving), try await fixture.store.fetchAudit(limit: 5))
            #expect(moving.isEmpty && audit.isEmpty)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func soManyRulesOfAKindAndNoMore(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            try await store.write { connection throws(StoreError) in
                for number in 1..<DeviceRule.maximumCount {
                    try connection.run(
                        """
                        INSERT INTO device_rule (id, kind, position, name, expression, tag, enabled, revision)
                        VALUES ($1, 2, $2, 'r', 'name = a', 'web', 1, 1)
                        """, [.bytes(RuleID.random().bytes), .integer(Int64(number))])
                }
            }
            _ = try await store.createRule(rule("the last", .tag("web")), at: 0, principal: principal, now: now)
            #expect(try await names(.tag, fixture).first == "the last")
            let more = await code {
                _ = try await store.createRule(rule("more", .tag("web")), principal: principal, now: now)
            }
            #expect(more == .refused)
            _ = try await store.createRule(rule("of the other kind"), principal: principal, now: now)
            #expect(try await store.fetchRules(.tag).count == DeviceRule.maximumCount)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func selectionsAreKeptUnderNames(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let late = try await store.createSelection(
                .random(), name: "late", expression: "state = overdue", principal: principal, now: now)
            let all = try await store.createSelection(
                .random(), name: "all", expression: "name ~ *", principal: principal, now: now)
            #expect(try await store.fetchSelections() == [all, late])
            let taken = await code {
                _ = try await store.createSelection(.random(), name: "all", expression: "", principal: principal, now: now)
            }
            #expect(taken == .refused)
            let renamed = try await store.editSelection(
                all.id, name: "web", expression: "tag = web", expectedRevision: 1, principal: principal, now: now + .hours(1))
            #expect(renamed.revision == 2 && renamed.changed == now + .hours(1) && renamed.name == "web")
            #expect(try await store.fetchSelection(all.id) == renamed)
            let conflicts = [
                await code {
                    _ = try await store.editSelection(
                        all.id, name: "x", expectedRevision: 1, principal: principal, now: now)
                },
                await code { _ = try await store.deleteSelection(all.id, expectedRevision: 1, principal: principal, now: now) },
            ]
            #expect(conflicts == [.conflict, .conflict])
            let same = await code {
                _ = try await store.editSelection(
                    all.id, name: "late", expectedRevision: nil, principal: principal, now: now)
            }
            #expect(same == .refused)
            #expect(try await store.deleteSelection(all.id, expectedRevision: 2, principal: principal, now: now))
            #expect(try await store.deleteSelection(all.id, expectedRevision: nil, principal: principal, now: now) == false)
            #expect(try await store.fetchSelections() == [late])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func soManySelectionsAndNoMore(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            try await store.write { connection throws(StoreError) in
                for number in 1..<SelectionRecord.maximumCount {
                    try connection.run(
                        """
                        INSERT INTO device_selection (id, name, expression, revision, created, changed)
                        VALUES ($1, $2, 'name = a', 1, 0, 0)
                        """, [.bytes(SelectionID.random().bytes), .text("s\(number)")])
                }
            }
            _ = try await store.createSelection(.random(), name: "the last", expression: "", principal: principal, now: now)
            let more = await code {
                _ = try await store.createSelection(.random(), name: "more", expression: "", principal: principal, now: now)
            }
            #expect(more == .refused)
            #expect(try await store.fetchSelections().count == SelectionRecord.maximumCount)
        }
    }
}
