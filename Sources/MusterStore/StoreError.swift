/// What the store cannot do, and why. Normal refusals (a token used up, events out of order) are values, not errors.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// For tests, metrics and decisions.
    package enum Code: String, Sendable {
        /// No room in the database: nothing of this transaction is stored; the store goes on.
        case full
        /// The database is away (PostgreSQL not reached, connection lost); the store tries again by itself.
        case unavailable
        /// The disk or the file failed. The store has stopped; the process must end.
        case io
        /// The database was written by a newer program.
        case newerSchema
        /// Another server uses this database.
        case inUse
        /// The row is not what the caller believes it to be, or breaks a rule of the schema.
        case conflict
        /// A rule or a limit does not allow it; the reason says which.
        case refused
        /// What the call is about is not there (any more).
        case notFound
        /// Too many callers are waiting.
        case busy
        /// The store was closed.
        case closed
        /// A row that does not make sense.
        case damaged
        /// The certificate of an enrolment could not be made.
        case certificate
        /// A statement or value the database does not take: a defect of this program.
        case statement
    }

    package let code: Code
    /// For people; free of secrets.
    package let reason: String
    package let underlying: (any Error)?

    package init(_ code: Code, _ reason: String, underlying: (any Error)? = nil) {
        self.code = code
        self.reason = reason
        self.underlying = underlying
    }

    package var description: String { "\(code.rawValue): \(reason)" }

    static let closed = StoreError(.closed, "The store is closed.")

    static func newerSchema(_ name: String) -> Self {
        Self(
            .newerSchema,
            "The database has the migration '\(name)', which this program does not know: it belongs to a newer version.")
    }

    static func busy(waiting: Int) -> Self { Self(.busy, "\(waiting) calls are waiting for the database.") }

    static func notFound(_ what: String) -> Self { Self(.notFound, "There is no such \(what).") }

    static func revision(expected: Int64, found: Int64) -> Self {
        Self(.conflict, "Changed meanwhile: revision \(found), not \(expected).")
    }

    /// - Parameter expected: when given, the revision the caller saw.
    static func check(revision: Int64, expected: Int64?) throws(StoreError) {
        if let expected, expected != revision { throw .revision(expected: expected, found: revision) }
    }

    static func refused(_ reason: String) -> Self { Self(.refused, reason) }

    static func damaged(_ what: String) -> Self { Self(.damaged, what) }

    /// Whether the whole transaction is lost with it, not only the caller's part.
    var endsTransaction: Bool {
        switch code {
        case .full, .unavailable, .io, .inUse: true
        default: false
        }
    }
}
