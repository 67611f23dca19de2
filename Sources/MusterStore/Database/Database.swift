/// Which database it is; SQL is one and the same for both.
package enum DatabaseKind: String, CaseIterable, Sendable {
    case sqlite
    case postgresql
}

/// What a connection is for. There is one that writes; readers see what was committed.
package enum ConnectionPurpose: Sendable {
    case writing
    case reading
}

/// A database that can be connected to. Opening blocks: it belongs on the store's own threads.
package protocol Database: Sendable {
    var kind: DatabaseKind { get }
    /// For people: where it is, without credentials.
    var place: String { get }
    func connect(for purpose: ConnectionPurpose) throws(StoreError) -> any DatabaseConnection
}

/// One connection, used by one thread at a time.
package protocol DatabaseConnection: AnyObject {
    var kind: DatabaseKind { get }
    /// False once the connection is lost: a new one must be made.
    var isUsable: Bool { get }
    var isInTransaction: Bool { get }
    /// How many rows a statement with a list of rows should take: 1 where a call costs next to nothing.
    var rowsPerStatement: Int { get }

    /// The prepared statement for this text; made once for each connection. Parameters are written `$1`, `$2` …
    func prepare(_ sql: String) throws(StoreError) -> any DatabaseStatement
    /// Statements without parameters and results, separated by semicolons.
    func script(_ sql: String) throws(StoreError)
    /// What the database takes on disk.
    func fetchDatabaseBytes() throws(StoreError) -> Int64
    /// What is due between transactions (SQLite: copying the log back into the file).
    func tidy() throws(StoreError)
    /// Gives back what is cached and can be read again.
    func releaseMemory()
    func close()
}

/// A prepared statement of one connection.
package protocol DatabaseStatement: AnyObject {
    /// Runs the statement to its end.
    ///
    /// - Parameters:
    ///   - values: as many as the statement has parameters; `values[0]` is `$1`.
    ///   - row: called with each row of the result.
    /// - Returns: how many rows were changed.
    @discardableResult
    func run(_ values: [SQLValue], row: (any DatabaseRow) throws(StoreError) -> Void) throws(StoreError) -> Int
}

/// One row of a result; valid during the call it is passed to. Nil is NULL; another type than the column's is nil as well.
package protocol DatabaseRow {
    func integer(at column: Int) -> Int64?
    func real(at column: Int) -> Double?
    func text(at column: Int) -> String?
    func bytes(at column: Int) -> [UInt8]?
}
