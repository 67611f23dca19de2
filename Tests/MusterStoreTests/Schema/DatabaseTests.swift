import MusterStore
import Testing

/// What both drivers promise to all SQL above them.
@Suite struct DatabaseTests {
    @Test(arguments: DatabaseKind.allCases)
    func parametersGoByNumberNotByPlace(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let texts = try await fixture.store.read { connection throws(StoreError) in
                try connection.fetchFirst(
                    "SELECT $2, $1, $2", [.text("first"), .text("second")]
                ) { row throws(StoreError) in [try row.string(0), try row.string(1), try row.string(2)] }
            }
            #expect(texts == ["second", "first", "second"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func valuesComeBackAsTheyWent(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            try await fixture.store.write { connection throws(StoreError) in
                let table = Migration(
                    name: "",
                    template: "CREATE TABLE sample (id {int} PRIMARY KEY, i {int}, r {real}, t {text}, b {bytes}) {strict}")
                try connection.script(table.sql(for: connection.kind))
                let insert = "INSERT INTO sample (id, i, r, t, b) VALUES ($1, $2, $3, $4, $5)"
                try connection.run(insert, [.integer(1), .integer(.min), .real(-0.25), .text(""), .bytes([])])
                try connection.run(insert, [.integer(2), .integer(.max), .real(1e300), .text("naïve 🐄"), .bytes([0, 255, 0])])
                try connection.run(insert, [.integer(3), .integer(nil), .real(nil), .text(nil), .bytes(nil)])
                try connection.run(insert, [.integer(4), .integer(0), .real(0), .text("a\0b"), .bytes([0])])
            }
            let rows = try await fixture.store.read { connection throws(StoreError) in
                try connection.fetchAll("SELECT i, r, t, b FROM sample ORDER BY id") { row throws(StoreError) in
                    Sample(i: row.integer(at: 0), r: row.real(at: 1), t: row.text(at: 2), b: row.bytes(at: 3))
                }
            }
            #expect(
                rows == [
                    Sample(i: .min, r: -0.25, t: "", b: []), Sample(i: .max, r: 1e300, t: "naïve 🐄", b: [0, 255, 0]),
                    Sample(i: nil, r: nil, t: nil, b: nil), Sample(i: 0, r: 0, t: "a\u{fffd}b", b: [0]),
                ])
        }
    }

    private struct Sample: Equatable, Sendable {
        var i: Int64?
        var r: Double?
        var t: String?
        var b: [UInt8]?
    }

    @Test(arguments: DatabaseKind.allCases)
    func textIsOrderedByItsBytes(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            for name in ["b", "B", "a", "é", "_", "a-b", "ab"] { _ = try await fixture.enrol(name) }
            let names = try await fixture.store.fetchDevices(after: nil, limit: 100).map(\.name)
            #expect(names == ["B", "_", "a", "a-b", "ab", "b", "é"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func readersCannotWrite(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let code = await code {
                try await fixture.store.read { connection throws(StoreError) in
                    _ = try connection.run("DELETE FROM setting")
                }
            }
            #expect(code != nil)
        }
    }

    @Test func sqliteKeepsWhatItCommits() async throws {
        try await StoreFixture.with(.sqlite) { fixture in
            let settings = try await fixture.store.write { connection throws(StoreError) in
                [
                    try connection.fetchFirst("PRAGMA journal_mode") { row throws(StoreError) in try row.string(0) },
                    try connection.fetchFirst("PRAGMA synchronous") { row throws(StoreError) in String(try row.int(0)) },
                    try connection.fetchFirst("PRAGMA foreign_keys") { row throws(StoreError) in String(try row.int(0)) },
                    try connection.fetchFirst("PRAGMA wal_autocheckpoint") { row throws(StoreError) in String(try row.int(0)) },
                ]
            }
            #expect(settings == ["wal", "2", "1", "0"])
        }
    }

    @Test func locations() {
        #expect(DatabaseLocation("postgresql://h/d") == .postgresql(url: "postgresql://h/d"))
        #expect(DatabaseLocation("postgres://h/d") == .postgresql(url: "postgres://h/d"))
        #expect(DatabaseLocation("sqlite:/var/x.db") == .sqlite(path: "/var/x.db"))
        #expect(DatabaseLocation("/var/x.db") == .sqlite(path: "/var/x.db"))
        #expect(DatabaseLocation("mysql://h/d") == nil)
        #expect(DatabaseLocation("") == nil)
    }
}
