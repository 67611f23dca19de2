import CSQLite
import MusterModel

/// What a statement is given and gives: one of SQLite's storage classes.
enum SQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    /// 64 bits without a sign, kept as the same bits with one: epochs.
    static func bits(_ value: UInt64) -> Self { .integer(Int64(bitPattern: value)) }
    static func time(_ time: Timestamp) -> Self { .integer(time.milliseconds) }

    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var text: String? { if case .text(let value) = self { value } else { nil } }
    var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
}

/// The row a statement stands on, valid inside the closure it is given to. A column of another type reads as 0 or empty,
/// as SQLite converts it: the tables are STRICT, so that does not happen.
struct SQLiteRow {
    fileprivate let statement: OpaquePointer

    init(_ statement: OpaquePointer) { self.statement = statement }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func bits(_ column: Int32) -> UInt64 { UInt64(bitPattern: integer(column)) }
    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: integer(column)) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    func value(_ column: Int32) -> SQLiteValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_TEXT: .text(text(column))
        case SQLITE_BLOB: .bytes(bytes(column))
        default: .null
        }
    }
}
