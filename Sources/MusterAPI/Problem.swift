/// Why a request was refused, as `application/problem+json` (RFC 9457). `code` is for programs, `detail` for people.
package struct Problem: Codable, Sendable, Hashable, Error {
    /// Stable codes, never reused for another meaning.
    package enum Code: String, Codable, Sendable, CaseIterable {
        // Who is it?
        case tokenMissing, tokenInvalid, tokenExpired, tokenRevoked, roleInsufficient
        // What was asked.
        case routeUnknown, methodNotAllowed, parametersInvalid, bodyInvalid, bodyTooLarge, contentTypeUnsupported, headerInvalid
        // What it was asked of.
        case notFound, conflict, revisionMismatch, permanentConnectionLimitReached, noCopies, groupInUse
        case reachExceeded, noOutput
        // Why not now.
        case agentBaseUnfit, tooManyFollowers, tooManyWatched, storageUnavailable, storageFull, serverStopping, internalError
    }

    /// One member or parameter that was wrong.
    package struct FieldError: Codable, Sendable, Hashable {
        /// The name as it was sent.
        package var field: String
        package var detail: String
        /// What would have been right, where that is short: `60…86400`.
        package var allowed: String?
        /// Of an expression: where it stops making sense, from 1.
        package var column: Int?

        package init(field: String, detail: String, allowed: String? = nil, column: Int? = nil) {
            self.field = field
            self.detail = detail
            self.allowed = allowed
            self.column = column
        }
    }

    package var type: String
    package var title: String
    package var status: Int
    package var detail: String
    package var code: String
    /// Absent when no single field is to blame.
    package var errors: [FieldError]?

    package init(_ code: Code, status: Int, title: String, detail: String, errors: [FieldError]? = nil) {
        self.type = "urn:muster:problem:\(code.rawValue)"
        self.title = title
        self.status = status
        self.detail = detail
        self.code = code.rawValue
        self.errors = errors
    }

    /// The code when this program knows it.
    package var knownCode: Code? { Code(rawValue: code) }
}
