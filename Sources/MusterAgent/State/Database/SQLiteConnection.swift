import CSQLite
import MusterModel

/// One connection to an SQLite database over its C API: prepared statements kept by their text, errors as `AgentError`.
///
/// Not Sendable: `AgentDatabase` owns it behind a lock. It knows nothing of what the tables mean.
final class SQLiteConnection {
    private let handle: OpaquePointer
    private let path: String
    /// Bounded by the number of statements in the source: texts are never put together from values.
    private var statements: [String: OpaquePointer] = [:]

    /// Opens a file that exists. The path must be without symbolic links.
    /// - Parameter isLeftAsItIs: nothing is written beside it either: no log is looked at, no lock is taken.
    init(path: String, isLeftAsItIs: Bool = false) throws(AgentError) {
        var opened: OpaquePointer?
        let access = isLeftAsItIs ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE
        let flags = access | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let result = sqlite3_open_v2(isLeftAsItIs ? Self.immutable(path) : path, &opened, flags, nil)
        guard result == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw Self.error(result, path: path, message: String(cString: sqlite3_errstr(result)))
        }
        handle = opened
        self.path = path
        sqlite3_busy_timeout(handle, 5000)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// SQLite's own form: a URI, with what has a meaning in one escaped.
    private static func immutable(_ path: String) -> String {
        let escaped = path.utf8.map { byte in
            byte == UInt8(ascii: "%") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
                ? "%" + Hexadecimal.text([byte]) : String(decoding: [byte], as: UTF8.self)
        }
        return "file:\(escaped.joined())?immutable=1"
    }

    /// Rows changed by the last statement.
    var changes: Int { Int(sqlite3_changes64(handle)) }

    /// Several statements without values and results: the schema.
    func execute(_ sql: String) throws(AgentError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw error(result) }
    }

    /// A statement without rows.
    func run(_ sql: String, _ values: SQLiteValue...) throws(AgentError) {
        try step(sql, values) { (_) throws(AgentError) in false }
    }

    /// All rows.
    func rows<Result>(
        _ sql: String, _ values: SQLiteValue..., read: (SQLiteRow) throws(AgentError) -> Result
    ) throws(AgentError) -> [Result] {
        var results: [Result] = []
        try step(sql, values) { (row) throws(AgentError) in
            results.append(try read(row))
            return true
        }
        return results
    }

    /// Rows until `read` says false.
    func scan(_ sql: String, _ values: SQLiteValue..., read: (SQLiteRow) throws(AgentError) -> Bool) throws(AgentError) {
        try step(sql, values, read)
    }

    /// The first row, if any.
    func first<Result>(
        _ sql: String, _ values: SQLiteValue..., read: (SQLiteRow) throws(AgentError) -> Result
    ) throws(AgentError) -> Result? {
        var found: Result?
        try step(sql, values) { (row) throws(AgentError) in
            found = try read(row)
            return false
        }
        return found
    }

    /// All of `body` or nothing; durable when it returns.
    func transaction<Result>(_ body: () throws(AgentError) -> Result) throws(AgentError) -> Result {
        try run("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // SQLite may have rolled back by itself (disk full, I/O error): then this fails, and that is as it should be.
            if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }

    private func step(
        _ sql: String, _ values: [SQLiteValue], _ read: (SQLiteRow) throws(AgentError) -> Bool
    ) throws(AgentError) {
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1), of: statement) }
        while true {
            let result = sqlite3_step(statement)
            if result == SQLITE_DONE { return }
            guard result == SQLITE_ROW else { throw error(result) }
            guard try read(SQLiteRow(statement)) else { return }
        }
    }

    private func prepared(_ sql: String) throws(AgentError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let result = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard result == SQLITE_OK, let statement else { throw error(result) }
        statements[sql] = statement
        return statement
    }

    private func bind(_ value: SQLiteValue, at index: Int32, of statement: OpaquePointer) throws(AgentError) {
        // SQLITE_TRANSIENT, a macro with a cast that Swift does not import: SQLite copies the bytes.
        let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let result =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let integer): sqlite3_bind_int64(statement, index, integer)
            case .text(let text): sqlite3_bind_text(statement, index, text, Int32(clamping: text.utf8.count), copying)
            case .bytes(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(statement, index, 0)
            case .bytes(let bytes): sqlite3_bind_blob(statement, index, bytes, Int32(clamping: bytes.count), copying)
            }
        guard result == SQLITE_OK else { throw error(result) }
    }

    private func error(_ result: Int32) -> AgentError {
        Self.error(result, path: path, message: String(cString: sqlite3_errmsg(handle)))
    }

    /// `SQLITE_IOERR_SHMSIZE`, a macro that Swift does not import.
    private static let ioErrorOfSharedMemorySize = SQLITE_IOERR | 19 << 8

    private static func error(_ result: Int32, path: String, message: String) -> AgentError {
        switch result & 0xff {
        case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged(path, "damaged (\(message))")
        case SQLITE_FULL: AgentError(.storageFull, "\(path): no room on the disk")
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY: AgentError(.stateUnavailable, "\(path): \(message)")
        // A full file system shows as an I/O error where SQLite writes its shared-memory file.
        case SQLITE_IOERR where result == ioErrorOfSharedMemorySize: AgentError(.storageFull, "\(path): no room on the disk")
        default: AgentError(.storageFailed, "\(path): \(message) (SQLite \(result))")
        }
    }
}
