package import Logging
import MusterModel
import Synchronization

/// The server's database: the only place of SQL.
///
/// Calls suspend; the work is done on threads of the store's own, changes in one transaction with whoever else waits (`Writer`), reads
/// beside them (`ReaderPool`). What a call changes is durable when it returns. Each topic has a file: `Store+Topic.swift`.
package final class Store: Sendable {
    private let writer: Writer
    private let readers: ReaderPool
    private let calls = Atomic<UInt64>(0)
    package let kind: DatabaseKind

    /// Opens the database and brings its schema up to date.
    ///
    /// A database serves one server: PostgreSQL is asked for an advisory lock; for SQLite the lock of the data directory stands in.
    /// - Parameters:
    ///   - migrations: fewer than all there are make a database as an older program has it.
    ///   - onFatal: called once when the disk failed under the embedded database; the process must end at once.
    /// - Throws: `newerSchema`, `inUse`, `unavailable`, `io`.
    package static func open(
        _ location: DatabaseLocation, migrations: [Migration] = Migration.all, logger: Logger,
        onFatal: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) async throws(StoreError) -> Store {
        try await open(location.database, migrations: migrations, logger: logger, onFatal: onFatal)
    }

    static func open(
        _ database: any Database, migrations: [Migration] = Migration.all, logger: Logger,
        onFatal: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) async throws(StoreError) -> Store {
        let store = Store(database, logger: logger, onFatal: onFatal)
        do throws(StoreError) {
            let applied = try await store.writer.withConnection { connection throws(StoreError) in
                try Migrator(migrations: migrations).migrate(connection, now: .now())
            }
            if !applied.isEmpty {
                logger.notice("database schema changed", metadata: ["migrations": "\(applied.joined(separator: ", "))"])
            }
            return store
        } catch {
            await store.close()
            throw error
        }
    }

    private init(_ database: any Database, logger: Logger, onFatal: @escaping @Sendable (StoreError) -> Void) {
        writer = Writer(database, logger: logger, onFatal: onFatal)
        readers = ReaderPool(database)
        kind = database.kind
    }

    /// Ends when everything accepted so far is written. Readers go first: the connection that closes last copies the log into the file.
    package func close() async {
        await readers.close()
        await writer.close()
    }

    /// Gives back what the connections cached: up to 32 MiB each after many changes. What is needed again is read again, from the system's
    /// cache.
    package func releaseMemory() async throws(StoreError) {
        try await write { connection in connection.releaseMemory() }
        await readers.releaseMemory()
    }

    /// How often the database was asked or changed since the start: what a synchronization in which nothing changed must not do.
    package var callCount: UInt64 { calls.load(ordering: .relaxed) }

    /// Runs `body` in a transaction, shared with others; when it throws, nothing of it is stored.
    /// - Parameter isLarge: it touches hundreds of rows, and waits apart (`WriteQueue`).
    package func write<Value: Sendable>(
        isLarge: Bool = false,
        _ body: @escaping @Sendable (any DatabaseConnection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        calls.wrappingAdd(1, ordering: .relaxed)
        return try await withCheckedContinuation { continuation in
            writer.submit(WriteJob(isLarge: isLarge, body) { continuation.resume(returning: $0) })
        }.get()
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        calls.wrappingAdd(1, ordering: .relaxed)
        return try await readers.read(body)
    }
}
