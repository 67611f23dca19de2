import CSQLite
import GRDB

extension StoreError {
    /// What an error of SQLite means here.
    static func sqlite(_ error: any Error) -> Self {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else {
            return Self(.statement, "The database refused: \(error)", underlying: error)
        }
        let extended = error.extendedResultCode.rawValue
        let reason = "\(error.message ?? "unknown error") (SQLite \(extended))"
        return Self(code(extended: extended), reason, underlying: error)
    }

    /// The shared-memory file beside the database grows too; it cannot when the disk is full, and SQLite calls that an I/O error. It holds
    /// nothing that has to last, so it counts as full.
    private static func code(extended: Int32) -> Code {
        let shmSize: Int32 = 10 | 19 << 8
        if extended == shmSize { return .full }
        switch extended & 0xff {
        case SQLITE_FULL: return .full
        case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN, SQLITE_READONLY: return .io
        case SQLITE_BUSY, SQLITE_LOCKED: return .inUse
        case SQLITE_CONSTRAINT: return .conflict
        default: return .statement
        }
    }
}
