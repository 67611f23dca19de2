import CSQLite
import GRDB

/// A connection to the embedded database. GRDB opens, configures, prepares and closes it; its queue never waits, as one thread at a time
/// comes here.
///
/// The connection that writes is also the only one that copies the log back into the file (Debian 12's SQLite can corrupt the log when
/// two do), and it does so by itself rather than leaving it to SQLite, which would ignore a failing fsync there.
final class SQLiteConnection: DatabaseConnection {
    /// 4 MiB of 4 KiB pages: SQLite's own habit.
    private static let checkpointFrames: Int32 = 1000
    /// How long the log was at the last try: the next one is due when it has grown by as much again, or began anew.
    private var triedFrames: Int32 = 0

    let queue: DatabaseQueue
    private var statements: [String: SQLiteStatement] = [:]
    private let logFrames = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    private var isOpen = true

    init(queue: DatabaseQueue) {
        self.queue = queue
        logFrames.initialize(to: 0)
    }

    deinit {
        close()
        logFrames.deallocate()
    }

    func configure(for purpose: ConnectionPurpose) throws {
        try queue.inDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;")
            guard purpose == .writing else { return }
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            sqlite3_wal_hook(
                database.sqliteConnection,
                { context, _, _, frames in
                    context?.assumingMemoryBound(to: Int32.self).pointee = frames
                    return SQLITE_OK
                }, logFrames)
        }
    }

    var kind: DatabaseKind { .sqlite }
    var isUsable: Bool { isOpen }
    var isInTransaction: Bool { isOpen && queue.inDatabase(\.isInsideTransaction) }
    var rowsPerStatement: Int { 1 }

    func prepare(_ sql: String) throws(StoreError) -> any DatabaseStatement {
        if let statement = statements[sql] { return statement }
        do {
            let statement = try queue.inDatabase { try SQLiteStatement($0.makeStatement(sql: sql), queue: queue) }
            statements[sql] = statement
            return statement
        } catch {
            throw .sqlite(error)
        }
    }

    func script(_ sql: String) throws(StoreError) {
        do {
            try queue.inDatabase { try $0.execute(sql: sql) }
        } catch {
            throw .sqlite(error)
        }
    }

    func fetchDatabaseBytes() throws(StoreError) -> Int64 {
        let pages = try fetchFirst("PRAGMA page_count") { row throws(StoreError) in try row.int(0) }
        let size = try fetchFirst("PRAGMA page_size") { row throws(StoreError) in try row.int(0) }
        return (pages ?? 0) * (size ?? 0)
    }

    /// A passive checkpoint waits for nobody; what readers still need, or what finds no room, stays for the next one.
    func tidy() throws(StoreError) {
        let frames = logFrames.pointee
        if frames < triedFrames { triedFrames = 0 }
        guard frames - triedFrames >= Self.checkpointFrames else { return }
        triedFrames = frames
        do {
            try queue.inDatabase { _ = try $0.checkpoint(.passive) }
        } catch {
            let error = StoreError.sqlite(error)
            guard error.code == .inUse else { throw error }
        }
    }

    /// Pages that were not changed: the system still has them in its own cache.
    func releaseMemory() {
        guard isOpen else { return }
        queue.inDatabase { $0.releaseMemory() }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        statements = [:]
        try? queue.close()
    }
}
