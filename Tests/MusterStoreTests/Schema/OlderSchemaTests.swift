import Logging
import MusterModel
import MusterStore
import MusterTestKit
import Testing

/// What an older program left in the database is there under the present schema.
@Suite struct OlderSchemaTests {
    /// As they were before there were groups and policies.
    private static let beforeGroups = Array(Migration.all.prefix { $0.name != "0011-groups" })

    /// Opens a database of that time, lets `body` fill it, and opens it as this program does.
    private func upgrade(
        _ kind: DatabaseKind, filling body: @escaping @Sendable (any DatabaseConnection) throws(StoreError) -> Void,
        _ check: (Store) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let location = try StoreFixture.makeLocation(kind, in: directory)
        let old = try await Store.open(location, migrations: Self.beforeGroups, logger: Logger(label: "test"))
        try await old.write(body)
        await old.close()
        let new = try await Store.open(location, logger: Logger(label: "test"))
        do {
            try await check(new)
        } catch {
            await new.close()
            throw error
        }
        await new.close()
    }

    @Test(arguments: DatabaseKind.allCases)
    func devicesKeepTheirOwnSettings(_ kind: DatabaseKind) async throws {
        let (own, none, gone) = (DeviceID.random(), DeviceID.random(), DeviceID.random())
        try await upgrade(kind) { connection throws(StoreError) in
            for (device, deleted) in [(own, Int64?.none), (none, nil), (gone, 5)] {
                try connection.run(
                    "INSERT INTO device (id, name, revision, created, deleted, last_session) VALUES ($1, 'd', 3, 0, $2, 0)",
                    [.bytes(device.bytes), .integer(deleted)])
            }
            let rows: [(String, Int64)] = [
                ("sync-interval", 300_000), ("connection-requests", 0), ("firewall", 1), ("request-port", 15_001), ("unknown", 7),
            ]
            for (name, value) in rows {
                try connection.run(
                    "INSERT INTO device_setting (device, name, value) VALUES ($1, $2, $3)",
                    [.bytes(own.bytes), .text(name), .integer(value)])
            }
        } _: { store in
            let device = try #require(try await store.fetchDevice(own))
            #expect(
                device.values == [
                    .networkAgent: [
                        NetworkAgentKey.syncInterval: .duration(.minutes(5)), NetworkAgentKey.connectionRequests: .onOff(false),
                        NetworkAgentKey.firewall: .onOff(true), NetworkAgentKey.requestPort: .number(15_001),
                    ]
                ])
            #expect(device.placement == .automatic && device.tags == [] && device.revision == 3)
            #expect(try await store.fetchDevice(none)?.values == [:])
            #expect(try await store.fetchPolicies() == [])
            let groups = try await store.fetchGroups()
            #expect(groups.map(\.id) == [.root])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whatWasSetForAllIsAPolicyOfTheRoot(_ kind: DatabaseKind) async throws {
        let servers = ["muster.example.com", "[2001:db8::1]:443"].compactMap { ServerAddress($0) }
        let proxy = ProxyAddress("http://user:p%20w@proxy.example.com:8080")
        let settings = try #require(ConnectionSettings(servers: servers, proxy: proxy))
        try await upgrade(kind) { connection throws(StoreError) in
            for (name, value) in [("sync-interval", "300000"), ("connection", settings.text)] {
                try connection.run(
                    "INSERT INTO setting (name, value, revision) VALUES ($1, $2, 4)", [.text(name), .text(value)])
            }
        } _: { store in
            let all = try await store.fetchPolicies()
            let policy = try #require(all.first?.policy)
            #expect(all.count == 1 && policy.isActive && policy.group == .root && policy.application == .networkAgent)
            #expect(
                policy.content.settings.mapValues(\.value) == [
                    NetworkAgentKey.syncInterval: .duration(.minutes(5)),
                    NetworkAgentKey.serverAddresses: .list(settings.servers.map(\.description)),
                    NetworkAgentKey.proxy: .text("http://user@proxy.example.com:8080"),
                ])
            for (key, setting) in policy.content.settings {
                try ApplicationManifest.networkAgent.check(setting.value, for: key)
            }
            let revision = try #require(try await store.fetchRevision(1, of: policy.id))
            #expect(revision.principal == .system && revision.content == policy.content)
            #expect(try await store.fetchLegacyConnectionSettings() == settings, "the password waits to be sealed")
            try await store.forgetLegacyConnectionSettings()
            #expect(try await store.fetchLegacyConnectionSettings() == nil)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func connectionSettingsThatWereTakenBackAreNone(_ kind: DatabaseKind) async throws {
        try await upgrade(kind) { connection throws(StoreError) in
            try connection.run("INSERT INTO setting (name, value, revision) VALUES ('connection', '', 2)")
        } _: { store in
            #expect(try await store.fetchLegacyConnectionSettings() == nil)
            let policies = try await store.fetchPolicies()
            #expect(policies == [])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func tokensAndPackagesGoOnWithoutATarget(_ kind: DatabaseKind) async throws {
        let token = EnrolmentTokenID.random()
        try await upgrade(kind) { connection throws(StoreError) in
            try connection.run(
                """
                INSERT INTO enrolment_token (id, name, secret_hash, created, expires, maximum_uses, uses)
                VALUES ($1, 'old', $2, 0, $3, NULL, 0)
                """,
                [
                    .bytes(token.bytes), .bytes(Fingerprint.test(7).bytes),
                    .integer((StoreFixture.start + .hours(1)).milliseconds),
                ])
        } _: { store in
            #expect(try await store.fetchEnrolmentTokens(limit: 5).map(\.target) == [.none])
            let outcome = try await store.enrol(
                EnrolmentOrder(
                    tokenID: token, secretHash: .test(7), publicKeyFingerprint: .random(), proposedName: "pc",
                    address: "192.0.2.1", now: StoreFixture.start, device: .random(), make: { _ in .test() }))
            let device = try #require(outcome.device)
            #expect(try await store.fetchDevice(device)?.placement == .automatic)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func theAuditTrailSaysWhoMadeAPITokens(_ kind: DatabaseKind) async throws {
        let (first, second, forgotten) = (APITokenID.random(), APITokenID.random(), APITokenID.random())
        try await upgrade(kind) { connection throws(StoreError) in
            for (number, token) in [first, second, forgotten].enumerated() {
                try connection.run(
                    "INSERT INTO api_token (id, name, role, secret_hash, created, expires) VALUES ($1, $2, 'viewer', $3, $4, 9)",
                    [
                        .bytes(token.bytes), .text("t\(number)"), .bytes(Fingerprint.test(UInt8(number)).bytes),
                        .integer(Int64(number)),
                    ])
            }
            let makings = [("system", "", "\(first)"), ("api-token", "\(first)", "\(second)"), ("system", "", "no id")]
            for (kind, maker, token) in makings {
                try connection.run(
                    """
                    INSERT INTO audit (at, principal_kind, principal, action, object_kind, object, details)
                    VALUES (0, $1, $2, 'create-api-token', 'api-token', $3, '{}')
                    """, [.text(kind), .text(maker), .text(token)])
            }
        } _: { store in
            let tokens = try await store.fetchAPITokens(limit: 5)
            #expect(tokens.map(\.id) == [first, second, forgotten])
            #expect(tokens.map(\.maker) == [.system, AuditPrincipal(kind: "api-token", id: "\(first)"), nil])
            #expect(tokens.map(\.makerName) == [nil, "t0", nil])
        }
    }
}
