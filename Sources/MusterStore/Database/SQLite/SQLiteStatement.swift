import CSQLite
import FoundationEssentials
import GRDB

/// A prepared statement of SQLite.
///
/// To SQLite `$2` is a name, and parameters are numbered as they come in the text; `order` says which value belongs at each place.
/// Values are bound and read through SQLite's own calls, as GRDB allows: that is most of the cost of storing an event.
final class SQLiteStatement: DatabaseStatement {
    private let statement: Statement
    private let queue: DatabaseQueue
    /// For each parameter in SQLite's numbering, the index of its value.
    private let order: [Int]

    init(_ statement: Statement, queue: DatabaseQueue) throws {
        self.statement = statement
        self.queue = queue
        order = try (0..<sqlite3_bind_parameter_count(statement.sqliteStatement)).map { index in
            guard let name = sqlite3_bind_parameter_name(statement.sqliteStatement, index + 1),
                let number = Int(String(cString: name).dropFirst()), number > 0
            else { throw StoreError(.statement, "A parameter is not named $n: \(statement.sql)") }
            return number - 1
        }
    }

    @discardableResult
    func run(_ values: [SQLValue], row: (any DatabaseRow) throws(StoreError) -> Void) throws(StoreError) -> Int {
        do {
            return try queue.inDatabase { database in
                let handle = statement.sqliteStatement
                defer {
                    sqlite3_reset(handle)
                    sqlite3_clear_bindings(handle)
                }
                for (place, index) in order.enumerated() {
                    guard values.indices.contains(index) else { throw StoreError(.statement, "No value for $\(index + 1).") }
                    try check(bind(values[index], at: Int32(place + 1)), database)
                }
                let before = database.totalChangesCount
                while true {
                    switch sqlite3_step(handle) {
                    case SQLITE_ROW: try row(SQLiteRow(statement: handle))
                    case SQLITE_DONE: return database.totalChangesCount - before
                    case let code: try check(code, database)
                    }
                }
            }
        } catch {
            throw .sqlite(error)
        }
    }

    private func check(_ code: Int32, _ database: GRDB.Database) throws {
        guard code != SQLITE_OK else { return }
        let extended = sqlite3_extended_errcode(database.sqliteConnection)
        throw DatabaseError(
            resultCode: ResultCode(rawValue: extended & 0xff == code & 0xff ? extended : code),
            message: database.lastErrorMessage, sql: statement.sql)
    }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func bind(_ value: SQLValue, at place: Int32) -> Int32 {
        let handle = statement.sqliteStatement
        switch value {
        case .integer(let value?): return sqlite3_bind_int64(handle, place, value)
        case .real(let value?): return sqlite3_bind_double(handle, place, value)
        case .text(let text?):
            if text.isEmpty { return sqlite3_bind_text(handle, place, "", 0, Self.transient) }
            var text = SQLValue.storable(text)
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text(handle, place, $0.baseAddress, Int32($0.count), Self.transient)
                }
            }
        case .bytes(let bytes?):
            return bytes.withUnsafeBytes { bytes in
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(handle, place, 0)
                    : sqlite3_bind_blob(handle, place, bytes.baseAddress, Int32(bytes.count), Self.transient)
            }
        case .integer, .real, .text, .bytes: return sqlite3_bind_null(handle, place)
        }
    }
}

/// The row a statement stands on.
private struct SQLiteRow: DatabaseRow {
    let statement: OpaquePointer

    func integer(at column: Int) -> Int64? {
        guard type(column) == SQLITE_INTEGER else { return nil }
        return sqlite3_column_int64(statement, Int32(column))
    }

    func real(at column: Int) -> Double? {
        guard type(column) == SQLITE_FLOAT else { return nil }
        return sqlite3_column_double(statement, Int32(column))
    }

    func text(at column: Int) -> String? {
        guard type(column) == SQLITE_TEXT, let start = sqlite3_column_text(statement, Int32(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func bytes(at column: Int) -> [UInt8]? {
        guard type(column) == SQLITE_BLOB else { return nil }
        guard let start = sqlite3_column_blob(statement, Int32(column)) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, Int32(column)))))
    }

    private func type(_ column: Int) -> Int32 { sqlite3_column_type(statement, Int32(column)) }
}
