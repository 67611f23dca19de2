import CPostgreSQL

/// What PostgreSQL answered, in binary form; freed with this value.
struct PostgreSQLResult: ~Copyable {
    private let result: OpaquePointer?
    private let connection: OpaquePointer

    init(_ result: OpaquePointer?, of connection: OpaquePointer) {
        self.result = result
        self.connection = connection
    }

    deinit { PQclear(result) }

    func check() throws(StoreError) {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return
        default: throw .postgresql(state: state, message: String(cString: PQerrorMessage(connection)))
        }
    }

    /// - Returns: how many rows the statement changed.
    func forEachRow(_ body: (any DatabaseRow) throws(StoreError) -> Void) throws(StoreError) -> Int {
        try check()
        guard let result else { return 0 }
        for row in 0..<PQntuples(result) { try body(PostgreSQLRow(result: result, row: row)) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    /// libpq's name for the field SQLSTATE (`PG_DIAG_SQLSTATE`, a character constant Swift does not see).
    private static let stateField = Int32(UInt8(ascii: "C"))

    /// Nil once the connection is lost, whatever was said last.
    private var state: String? {
        guard PQstatus(connection) == CONNECTION_OK else { return nil }
        return PQresultErrorField(result, Self.stateField).map { String(cString: $0) }
    }
}

private struct PostgreSQLRow: DatabaseRow {
    let result: OpaquePointer
    let row: Int32

    func integer(at column: Int) -> Int64? {
        switch (type(column), value(column)) {
        case (20, let bytes?) where bytes.count == 8: Int64(bitPattern: bytes.bigEndian)
        case (23, let bytes?) where bytes.count == 4: Int64(Int32(truncatingIfNeeded: bytes.bigEndian))
        default: nil
        }
    }

    func real(at column: Int) -> Double? {
        guard type(column) == 701, let bytes = value(column), bytes.count == 8 else { return nil }
        return Double(bitPattern: bytes.bigEndian)
    }

    func text(at column: Int) -> String? {
        guard [25, 1043, 19].contains(type(column)), let bytes = value(column) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    func bytes(at column: Int) -> [UInt8]? {
        guard type(column) == 17 else { return nil }
        return value(column).map { Array($0) }
    }

    private func type(_ column: Int) -> Oid { PQftype(result, Int32(column)) }

    private func value(_ column: Int) -> UnsafeRawBufferPointer? {
        guard PQgetisnull(result, row, Int32(column)) == 0, let start = PQgetvalue(result, row, Int32(column)) else { return nil }
        return UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, Int32(column))))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var bigEndian: UInt64 { reduce(0) { $0 << 8 | UInt64($1) } }
}
