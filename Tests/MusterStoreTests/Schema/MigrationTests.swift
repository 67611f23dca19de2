import Logging
import MusterModel
import MusterStore
import MusterTestKit
import Testing

@Suite struct MigrationTests {
    @Test(arguments: DatabaseKind.allCases)
    func openingAgainChangesNothing(_ kind: DatabaseKind) async throws {
        let directory = try TemporaryDirectory()
        let location = try StoreFixture.makeLocation(kind, in: directory)
        let first = try await Store.open(location, logger: Logger(label: "test"))
        try await first.setValue("greeting", "hello")
        await first.close()
        let second = try await Store.open(location, logger: Logger(label: "test"))
        #expect(try await second.value("greeting") == "hello")
        #expect(try await second.statistics().schemaVersion == Int64(Migration.all.count))
        await second.close()
    }

    @Test(arguments: DatabaseKind.allCases)
    func aNewerSchemaIsRefused(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            try await fixture.store.write { connection throws(StoreError) in
                _ = try connection.run("INSERT INTO migration (number, name, applied) VALUES (99, '0099-later', 0)")
            }
            await fixture.store.close()
            let code = await code { _ = try await Store.open(fixture.location, logger: Logger(label: "test")) }
            #expect(code == .newerSchema)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aStepThatFailsLeavesNothing(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let broken =
                Migration.all + [
                    Migration(name: "broken", template: "CREATE TABLE half (a {int}); INSERT INTO nowhere VALUES (1)")
                ]
            let directory = try TemporaryDirectory()
            let code = await code {
                try await fixture.store.write { connection throws(StoreError) in
                    // The writer's transaction stands in for a fresh connection.
                    try connection.script("COMMIT")
                    defer { try? connection.script("BEGIN; SAVEPOINT caller") }
                    _ = try Migrator(migrations: broken).migrate(connection, now: StoreFixture.start)
                }
            }
            #expect(code == .statement)
            let exists = await self.exists("half", in: fixture.store)
            #expect(!exists)
            _ = directory
        }
    }

    private func exists(_ table: String, in store: Store) async -> Bool {
        await code {
            try await store.read { connection throws(StoreError) in _ = try connection.run("SELECT 1 FROM \(table)") }
        } == nil
    }

    /// Two servers must not share a database; for SQLite the lock of the data directory, the server's own, stands in.
    @Test func postgresqlServesOneServer() async throws {
        try await StoreFixture.with(.postgresql) { fixture in
            let code = await code { _ = try await Store.open(fixture.location, logger: Logger(label: "test")) }
            #expect(code == .inUse)
        }
    }
}
