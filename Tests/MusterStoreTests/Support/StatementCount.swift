import MusterStore
import Synchronization

/// Counts the statements that a store runs: what a change costs must not grow with what it does not concern.
final class StatementCount: Sendable {
    private let number = Atomic<Int>(0)

    fileprivate func add() { number.wrappingAdd(1, ordering: .relaxed) }

    func during(_ body: () async throws -> Void) async throws -> Int {
        let before = number.load(ordering: .relaxed)
        try await body()
        return number.load(ordering: .relaxed) - before
    }
}

struct CountedDatabase: Database {
    let database: any Database
    let count: StatementCount

    var kind: DatabaseKind { database.kind }
    var place: String { database.place }

    func connect(for purpose: ConnectionPurpose) throws(StoreError) -> any DatabaseConnection {
        CountedConnection(try database.connect(for: purpose), count)
    }
}

final class CountedConnection: DatabaseConnection {
    let connection: any DatabaseConnection
    private let count: StatementCount

    init(_ connection: any DatabaseConnection, _ count: StatementCount) {
        self.connection = connection
        self.count = count
    }

    var kind: DatabaseKind { connection.kind }
    var isUsable: Bool { connection.isUsable }
    var isInTransaction: Bool { connection.isInTransaction }
    var rowsPerStatement: Int { connection.rowsPerStatement }

    func prepare(_ sql: String) throws(StoreError) -> any DatabaseStatement {
        CountedStatement(try connection.prepare(sql), count)
    }

    func script(_ sql: String) throws(StoreError) { try connection.script(sql) }
    func fetchDatabaseBytes() throws(StoreError) -> Int64 { try connection.fetchDatabaseBytes() }
    func tidy() throws(StoreError) { try connection.tidy() }
    func releaseMemory() { connection.releaseMemory() }
    func close() { connection.close() }
}

private final class CountedStatement: DatabaseStatement {
    private let statement: any DatabaseStatement
    private let count: StatementCount

    init(_ statement: any DatabaseStatement, _ count: StatementCount) {
        self.statement = statement
        self.count = count
    }

    func run(_ values: [SQLValue], row: (any DatabaseRow) throws(StoreError) -> Void) throws(StoreError) -> Int {
        count.add()
        return try statement.run(values, row: row)
    }
}
