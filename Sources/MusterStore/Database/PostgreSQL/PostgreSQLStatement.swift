import CPostgreSQL

/// A prepared statement of PostgreSQL. It is prepared at its first run, as only then the types of its parameters are known; they are the
/// same at every run.
final class PostgreSQLStatement: DatabaseStatement {
    private let sql: String
    private let name: String
    /// The connection owns its statements.
    private unowned let connection: PostgreSQLConnection
    private var isPrepared = false

    init(sql: String, name: String, connection: PostgreSQLConnection) {
        self.sql = sql
        self.name = name
        self.connection = connection
    }

    @discardableResult
    func run(_ values: [SQLValue], row: (any DatabaseRow) throws(StoreError) -> Void) throws(StoreError) -> Int {
        let handle = try connection.open()
        if !isPrepared {
            let types = values.map(\.type)
            try PostgreSQLResult(PQprepare(handle, name, sql, Int32(types.count), types), of: handle).check()
            isPrepared = true
        }
        let result = Parameters(values).withPointers { pointers, lengths, formats in
            PQexecPrepared(handle, name, Int32(lengths.count), pointers, lengths, formats, 1)
        }
        return try PostgreSQLResult(result, of: handle).forEachRow(row)
    }

    /// The values in one buffer, with where each one starts.
    private struct Parameters {
        private var buffer: [UInt8] = []
        private var starts: [Int?] = []
        private var lengths: [Int32] = []

        init(_ values: [SQLValue]) {
            for value in values {
                let start = buffer.count
                let isNull = !value.append(to: &buffer)
                starts.append(isNull ? nil : start)
                lengths.append(Int32(buffer.count - start))
            }
            // An empty value still needs an address.
            buffer.append(0)
        }

        func withPointers<Result>(
            _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
        ) -> Result {
            buffer.withUnsafeBytes { bytes in
                let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                let pointers = starts.map { start in start.flatMap { offset in base.map { $0 + offset } } }
                return body(pointers, lengths, Array(repeating: 1, count: lengths.count))
            }
        }
    }
}

extension SQLValue {
    /// PostgreSQL's own number of the type: int8, float8, text, bytea.
    fileprivate var type: Oid {
        switch self {
        case .integer: 20
        case .real: 701
        case .text: 25
        case .bytes: 17
        }
    }

    /// The binary form; false for NULL.
    fileprivate func append(to buffer: inout [UInt8]) -> Bool {
        switch self {
        case .integer(let value?): buffer.append(bigEndian: UInt64(bitPattern: value))
        case .real(let value?): buffer.append(bigEndian: value.bitPattern)
        case .text(let value?): buffer.append(contentsOf: Self.storable(value).utf8)
        case .bytes(let value?): buffer.append(contentsOf: value)
        case .integer, .real, .text, .bytes: return false
        }
        return true
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }
}
