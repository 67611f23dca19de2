import MusterModel
import Synchronization

/// The one SQLite file with everything the agent must still know after a crash: who it is, whom it trusts, its documents, its events.
///
/// Every change is one transaction, durable when the call returns (write-ahead log, `synchronous=FULL`). Calls block for one
/// fsync: never make them on an event loop. One connection in one process writes; `StateLock` sees to that.
package final class AgentDatabase: Sendable {
    package enum Mode: Hashable, Sendable {
        /// Makes the database when there is none, or an empty one.
        case creating
        /// Refuses when there is none.
        case existing
    }

    package let path: String
    /// Used only while `lock` is held, in `read` and `transaction` below and before this value is shared: never by two threads at once.
    nonisolated(unsafe) private let connection: SQLiteConnection
    private let lock = Mutex(())

    /// Opens and checks. - Parameter epoch: of the spool, used if the database is made.
    package init(_ directory: StateDirectory, mode: Mode, epoch: UInt64 = .random(in: 1 ... .max)) throws(AgentError) {
        let path = directory.databasePath
        let size = try StateDirectory.checkFile(path)
        if mode == .existing {
            guard let size else {
                throw AgentError(.notEnrolled, "there is no \(path): this device is not enrolled (muster-agent enrol …)")
            }
            guard size > 0 else { throw .damaged(path, "empty") }
        }
        if size == nil { try StateDirectory.createFile(path) }
        let connection = try SQLiteConnection(path: path)
        try Self.configure(connection)
        try Self.prepare(connection, path: path, mode: mode, epoch: epoch)
        self.path = path
        self.connection = connection
    }

    /// Several reads that belong together, or a single one.
    func read<Result: Sendable>(_ body: (SQLiteConnection) throws(AgentError) -> Result) throws(AgentError) -> Result {
        try lock.withLock { (_) throws(AgentError) in try body(connection) }
    }

    /// All of `body` or nothing.
    func transaction<Result: Sendable>(
        _ body: (SQLiteConnection) throws(AgentError) -> Result
    ) throws(AgentError) -> Result {
        try lock.withLock { (_) throws(AgentError) in
            try connection.transaction { () throws(AgentError) in try body(connection) }
        }
    }

    private static func configure(_ connection: SQLiteConnection) throws(AgentError) {
        try connection.execute("PRAGMA trusted_schema = OFF")
        try connection.execute("PRAGMA temp_store = MEMORY")
        // 512 KiB: the agent's memory is counted, and its tables are read by key.
        try connection.execute("PRAGMA cache_size = -512")
        // A first read, so that a file that is no database says so before anything is written.
        _ = try connection.first("PRAGMA schema_version") { (row) throws(AgentError) in row.integer(0) }
        try connection.execute("PRAGMA journal_mode = WAL")
        try connection.execute("PRAGMA synchronous = FULL")
        // The log is cut back to 1 MiB after it was written into the file (every 250 pages of 4 KiB).
        try connection.execute("PRAGMA wal_autocheckpoint = 250")
        try connection.execute("PRAGMA journal_size_limit = 1048576")
    }

    private static func prepare(
        _ connection: SQLiteConnection, path: String, mode: Mode, epoch: UInt64
    ) throws(AgentError) {
        let version = try integer(connection, "PRAGMA user_version")
        if try isEmpty(connection, version: version) {
            guard mode == .creating else { throw .damaged(path, "empty") }
            return try connection.transaction { () throws(AgentError) in
                try migrate(connection, from: 0)
                try connection.execute("PRAGMA application_id = \(AgentSchema.applicationID)")
                try connection.run("INSERT INTO spool_state VALUES (1, ?1, 1, 0, 0, 0)", .bits(epoch))
            }
        }
        guard try integer(connection, "PRAGMA application_id") == AgentSchema.applicationID else {
            throw .damaged(path, "not the database of a Muster agent")
        }
        guard version <= AgentSchema.steps.count else {
            throw AgentError(.stateNewer, "\(path) was written by a newer agent (schema \(version)): install that version again")
        }
        try check(connection, path: path)
        if version < AgentSchema.steps.count {
            try connection.transaction { () throws(AgentError) in try migrate(connection, from: Int(version)) }
        }
        try checkTables(connection, path: path)
    }

    /// Just made, or made by an agent that was interrupted before its tables were: the file may have a header by then.
    private static func isEmpty(_ connection: SQLiteConnection, version: Int64) throws(AgentError) -> Bool {
        guard version == 0, try integer(connection, "PRAGMA application_id") == 0 else { return false }
        return try integer(connection, "SELECT count(*) FROM sqlite_schema") == 0
    }

    private static func migrate(_ connection: SQLiteConnection, from version: Int) throws(AgentError) {
        for step in AgentSchema.steps[version...] { try connection.execute(step) }
        try connection.execute("PRAGMA user_version = \(AgentSchema.steps.count)")
    }

    private static func check(_ connection: SQLiteConnection, path: String) throws(AgentError) {
        let verdict = try connection.first("PRAGMA quick_check(1)") { (row) throws(AgentError) in row.text(0) }
        guard verdict == "ok" else { throw .damaged(path, "damaged (\(onOneLine(verdict ?? "no answer to quick_check")))") }
    }

    /// SQLite's verdict begins with a heading of its own: `*** in database main ***`.
    private static func onOneLine(_ verdict: String) -> String {
        verdict.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("***") }.joined(separator: "; ")
    }

    private static func checkTables(_ connection: SQLiteConnection, path: String) throws(AgentError) {
        let found = try connection.rows("SELECT name FROM sqlite_schema WHERE type = 'table'") { (row) throws(AgentError) in
            row.text(0)
        }
        let missing = AgentSchema.tables.filter { !found.contains($0) }
        guard missing.isEmpty else { throw .damaged(path, "incomplete, without \(missing.joined(separator: ", "))") }
        guard try integer(connection, "SELECT count(*) FROM spool_state") == 1 else {
            throw .damaged(path, "incomplete, without the state of the spool")
        }
    }

    private static func integer(_ connection: SQLiteConnection, _ sql: String) throws(AgentError) -> Int64 {
        try connection.first(sql) { (row) throws(AgentError) in row.integer(0) } ?? 0
    }
}
