import CPostgreSQL

/// A connection to PostgreSQL. Calls block; everything travels in binary form.
final class PostgreSQLConnection: DatabaseConnection {
    private var handle: OpaquePointer?
    private var statements: [String: PostgreSQLStatement] = [:]

    /// - Parameter options: libpq's; a URI may stand as `dbname`. Later ones win over what the URI says.
    init(options: [(name: String, value: String)]) throws(StoreError) {
        let names = CStrings(options.map(\.name))
        let values = CStrings(options.map(\.value))
        guard let handle = PQconnectdbParams(names.pointers, values.pointers, 1) else {
            throw StoreError(.unavailable, "No memory for a connection.")
        }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(handle))
            close()
            throw .postgresql(state: nil, message: message)
        }
    }

    deinit { close() }

    var kind: DatabaseKind { .postgresql }
    var isUsable: Bool { handle.map { PQstatus($0) == CONNECTION_OK } ?? false }
    var isInTransaction: Bool {
        guard let handle, isUsable else { return false }
        return PQtransactionStatus(handle) != PQTRANS_IDLE
    }
    /// A call is a round trip of some 50 µs; a row in a list costs a tenth of it.
    var rowsPerStatement: Int { 64 }

    func prepare(_ sql: String) throws(StoreError) -> any DatabaseStatement {
        if let statement = statements[sql] { return statement }
        let statement = PostgreSQLStatement(sql: sql, name: "s\(statements.count)", connection: self)
        statements[sql] = statement
        return statement
    }

    func script(_ sql: String) throws(StoreError) {
        let handle = try open()
        try PostgreSQLResult(PQexec(handle, sql), of: handle).check()
    }

    func fetchDatabaseBytes() throws(StoreError) -> Int64 {
        try fetchFirst("SELECT pg_database_size(current_database())") { row throws(StoreError) in try row.int(0) } ?? 0
    }

    func tidy() throws(StoreError) {}

    /// What is cached is the database's.
    func releaseMemory() {}

    func close() {
        if let handle { PQfinish(handle) }
        handle = nil
    }

    /// What libpq knows this connection by, while there is one.
    func open() throws(StoreError) -> OpaquePointer {
        guard let handle else { throw StoreError(.unavailable, "The connection is closed.") }
        return handle
    }
}

/// A list of C strings that ends with nil, as libpq takes it; freed with it.
private final class CStrings {
    let pointers: [UnsafePointer<CChar>?]
    private let copies: [UnsafeMutableBufferPointer<CChar>]

    init(_ strings: [String]) {
        copies = strings.map { string in
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: string.utf8.count + 1)
            _ = copy.initialize(from: string.utf8.map { CChar(bitPattern: $0) } + [0])
            return copy
        }
        pointers = copies.map { UnsafePointer($0.baseAddress) } + [nil]
    }

    deinit { for copy in copies { copy.deallocate() } }
}
