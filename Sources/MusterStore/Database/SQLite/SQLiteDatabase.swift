import GRDB
import Glibc

/// The embedded database: one file, with its log beside it.
struct SQLiteDatabase: Database {
    let path: String

    var kind: DatabaseKind { .sqlite }
    var place: String { path }

    /// The file is readable for its owner alone. `synchronous=FULL`: what was committed outlives a power failure (NORMAL loses it).
    func connect(for purpose: ConnectionPurpose) throws(StoreError) -> any DatabaseConnection {
        var configuration = Configuration()
        configuration.readonly = purpose == .reading
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.allowsUnsafeTransactions = true
        configuration.label = "muster.\(purpose)"
        if purpose == .writing {
            configuration.journalMode = .wal
            try createFile()
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let connection = SQLiteConnection(queue: queue)
            try connection.configure(for: purpose)
            return connection
        } catch {
            throw .sqlite(error)
        }
    }

    private func createFile() throws(StoreError) {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.io, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        _ = Glibc.close(descriptor)
    }
}
