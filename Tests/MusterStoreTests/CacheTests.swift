import CSQLite
import GRDB
import Testing

@testable import MusterStore

/// What the embedded database caches, and gives back.
struct CacheTests {
    /// Bytes of pages that the connection holds.
    private static func cached(_ connection: any DatabaseConnection) -> Int {
        let counted = (connection as? CountedConnection)?.connection ?? connection
        guard let connection = counted as? MusterStore.SQLiteConnection else { return 0 }
        return connection.queue.inDatabase { database in
            var (bytes, highest): (Int32, Int32) = (0, 0)
            sqlite3_db_status(database.sqliteConnection, SQLITE_DBSTATUS_CACHE_USED, &bytes, &highest, 0)
            return Int(bytes)
        }
    }

    @Test func allConnectionsGiveBackTheirCaches() async throws {
        try await StoreFixture.with(.sqlite) { fixture in
            let store = fixture.store
            try await store.write { connection throws(StoreError) in
                for number in 0..<500 {
                    try connection.run(
                        "INSERT INTO setting (name, value, revision) VALUES ($1, $2, 1)",
                        [.text("n\(number)"), .text(String(repeating: "x", count: 4096))])
                }
            }
            let read: @Sendable (any DatabaseConnection) throws(StoreError) -> Int = { connection throws(StoreError) in
                let bytes = try connection.fetchAll("SELECT value FROM setting") { row throws(StoreError) in try row.string(0) }
                return bytes.count
            }
            #expect(try await store.read(read) >= 500)
            #expect(try await store.write(Self.cached) > 2_000_000)
            #expect(try await store.read(Self.cached) > 2_000_000)

            try await store.releaseMemory()
            #expect(try await store.write(Self.cached) < 200_000)
            #expect(try await store.read(Self.cached) < 200_000)
            #expect(try await store.read(read) >= 500)
        }
    }

    @Test func readsFindAConnectionWhileMemoryIsGivenBack() async throws {
        try await StoreFixture.with(.sqlite) { fixture in
            let store = fixture.store
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        try await store.releaseMemory()
                        return try await store.read { connection throws(StoreError) in
                            try connection.fetchAll("SELECT 1") { row throws(StoreError) in try row.int(0) }.count
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts == Array(repeating: 1, count: 64))
        }
    }
}
