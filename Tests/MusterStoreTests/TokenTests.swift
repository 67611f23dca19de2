import MusterModel
import MusterStore
import Testing

@Suite struct TokenTests {
    private static let start = StoreFixture.start

    @Test(arguments: DatabaseKind.allCases)
    func enrolmentTokens(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            for number in 0..<5 {
                let token = EnrolmentTokenRecord(
                    id: .random(), name: "t\(number)", created: Self.start + .seconds(Int64(number / 2)), expires: Self.start,
                    maximumUses: number == 0 ? nil : 3)
                try await fixture.store.createEnrolmentToken(token, secretHash: .random(), principal: StoreFixture.administrator)
            }
            var names: [String] = []
            var cursor: CreationCursor<EnrolmentTokenEntity>?
            repeat {
                let page = try await fixture.store.fetchEnrolmentTokens(after: cursor, limit: 2)
                names += page.map(\.name)
                cursor = page.last?.cursor
                if let cursor { #expect(CreationCursor("\(cursor)") == cursor) }
            } while cursor != nil
            #expect(Set(names) == ["t0", "t1", "t2", "t3", "t4"])
            #expect(names.count == 5)
            #expect(names.last == "t4")
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func apiTokens(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let hash = Fingerprint.random()
            var token = APITokenRecord(
                id: .random(), name: "console", role: .operator, created: Self.start, expires: Self.start + .days(90))
            let principal = StoreFixture.administrator
            try await store.createAPIToken(token, secretHash: hash, principal: principal)
            token.maker = principal
            #expect(try await store.apiToken(hash: hash) == token)
            #expect(try await store.apiToken(hash: .random()) == nil)
            let same = APITokenRecord(id: .random(), name: "", role: .viewer, created: Self.start, expires: Self.start)
            #expect(await code { try await store.createAPIToken(same, secretHash: hash, principal: principal) } == .conflict)
            #expect(try await store.revokeAPIToken(token.id, principal: principal, now: Self.start))
            #expect(try await store.revokeAPIToken(token.id, principal: principal, now: Self.start) == false)
            #expect(try await store.apiToken(hash: hash)?.revoked == Self.start)
            #expect(try await store.fetchAPITokens(limit: 10).map(\.id) == [token.id])
            #expect(try await store.fetchAudit(limit: 10).map(\.action) == ["create-api-token", "revoke-api-token"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aTokenKnowsWhichOneMadeIt(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            func make(_ name: String, by principal: AuditPrincipal, after seconds: Int64) async throws -> APITokenID {
                let token = APITokenRecord(
                    id: .random(), name: name, role: .administrator, created: Self.start + .seconds(seconds),
                    expires: Self.start + .days(90))
                try await store.createAPIToken(token, secretHash: .random(), principal: principal)
                return token.id
            }
            let first = try await make("first", by: .system, after: 0)
            let byFirst = AuditPrincipal(kind: "api-token", id: "\(first)")
            _ = try await make("second", by: byFirst, after: 1)
            _ = try await make("third", by: AuditPrincipal(kind: "api-token", id: "\(APITokenID.random())"), after: 2)
            let tokens = try await store.fetchAPITokens(limit: 10)
            #expect(tokens.map(\.maker?.kind) == ["system", "api-token", "api-token"] && tokens[1].maker == byFirst)
            #expect(tokens.map(\.makerName) == [nil, "first", nil])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func settings(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            #expect(try await store.value("sync-interval") == nil)
            try await store.setValue("name", "one")
            try await store.setValue("name", "two")
            #expect(try await store.value("name") == "two")
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func statistics(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            _ = try await fixture.enrol()
            let statistics = try await fixture.store.statistics()
            #expect(statistics.kind == kind)
            #expect(statistics.devices == 1)
            #expect(statistics.events == 1)
            #expect(statistics.schemaVersion == Int64(Migration.all.count))
            #expect(statistics.databaseBytes > 0)
        }
    }
}
