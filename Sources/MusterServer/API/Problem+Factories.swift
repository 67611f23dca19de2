import MusterAPI
import MusterModel
import MusterStore

/// Every refusal of the API is made here.
extension Problem {
    // Who is it?
    static let tokenMissing = Problem(
        .tokenMissing, status: 401, title: "No API token",
        detail: "An API token is needed: 'Authorization: Bearer muster_…'. A client certificate is worth nothing here.")
    static let tokenInvalid = Problem(
        .tokenInvalid, status: 401, title: "Unknown API token",
        detail: "This API token is damaged or was never issued by this server.")
    static func tokenExpired(_ time: Timestamp) -> Problem {
        Problem(.tokenExpired, status: 401, title: "API token expired", detail: "This API token expired at \(time).")
    }
    static let tokenRevoked = Problem(
        .tokenRevoked, status: 401, title: "API token revoked", detail: "This API token was revoked.")
    static func roleInsufficient(_ role: Role, needed: RouteAccess) -> Problem {
        Problem(
            .roleInsufficient, status: 403, title: "Not allowed",
            detail: "The role '\(role.rawValue)' may not do this; it needs \(needed.text).")
    }

    // What was asked.
    static let routeUnknown = Problem(.routeUnknown, status: 404, title: "No such path", detail: "Nothing is at this path.")
    static func methodNotAllowed(_ allowed: [String]) -> Problem {
        Problem(
            .methodNotAllowed, status: 405, title: "Method not allowed",
            detail: "This path takes \(allowed.joined(separator: ", ")).")
    }
    static func parameters(_ errors: [FieldError]) -> Problem {
        Problem(
            .parametersInvalid, status: 400, title: "Wrong query parameter",
            detail: "The query has parameters that are unknown or wrong: \(names(errors)).", errors: errors)
    }
    static func parameter(_ name: String, _ detail: String, allowed: String? = nil) -> Problem {
        parameters([FieldError(field: name, detail: detail, allowed: allowed)])
    }
    static func members(_ errors: [FieldError]) -> Problem {
        Problem(
            .bodyInvalid, status: 400, title: "Wrong body",
            detail: "The body has members that are unknown, missing or wrong: \(names(errors)).", errors: errors)
    }
    static func member(_ name: String, _ detail: String, allowed: String? = nil) -> Problem {
        members([FieldError(field: name, detail: detail, allowed: allowed)])
    }
    static let bodyNotJSON = Problem(
        .bodyInvalid, status: 400, title: "Wrong body", detail: "The body must be a JSON object with values its members can hold."
    )
    static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(.bodyTooLarge, status: 413, title: "Body too large", detail: "A body has at most \(limit) bytes.")
    }
    static let contentTypeUnsupported = Problem(
        .contentTypeUnsupported, status: 415, title: "Content type", detail: "The body must be 'application/json'.")
    static func header(_ name: String, _ detail: String) -> Problem {
        Problem(
            .headerInvalid, status: 400, title: "Wrong header", detail: "The header \(name) is wrong: \(detail).",
            errors: [FieldError(field: name, detail: detail)])
    }

    // What it was asked of.
    static func notFound(_ what: String) -> Problem {
        Problem(.notFound, status: 404, title: "Not found", detail: "There is no such \(what).")
    }
    static let revisionMismatch = Problem(
        .revisionMismatch, status: 412, title: "Changed meanwhile",
        detail: "It was changed since the revision in If-Match. Read it again and decide anew.")

    // Why not now.
    static func agentBaseUnfit(_ path: String, _ reason: String) -> Problem {
        Problem(
            .agentBaseUnfit, status: 503, title: "No agent's package",
            detail: "\(path) cannot be used as the agent's package: \(reason). The package muster-server brings one; another is "
                + "named by the server's setting packages.agent-base. A connection file alone can be downloaded all the same.")
    }
    static func permanentConnectionLimitReached(ticked: Int64, limit: Int64) -> Problem {
        Problem(
            .permanentConnectionLimitReached, status: 409, title: "Limit of permanent connections reached",
            detail:
                "\(ticked) devices are ticked 'Do not disconnect', and the limit is \(limit). Untick one that needs it less, or raise the limit (setting permanent-connections.limit)."
        )
    }
    static func reachExceeded(_ excess: ReachExcess) -> Problem {
        let room = excess.frees.map { "There is room for them from \($0) on." } ?? "They are more than that at once."
        return Problem(
            .reachExceeded, status: 409, title: "Reach exceeded",
            detail:
                "This would reach \(excess.asked) more devices, and \(excess.used) were reached within the last hour; the reach of this token is \(excess.limit) devices an hour for what runs programs, installs or removes. Nothing was changed. \(room) To do it at once use a token with a greater reach: 'muster api-tokens create NAME --role administrator --reach N'."
        )
    }
    static let secretLost = Problem(
        .conflict, status: 409, title: "Secret lost",
        detail:
            "A secret of this task cannot be opened any more, as this server has another key than when it was set. Set it again.")
    static func noOutput(_ run: RunRecord) -> Problem {
        let detail =
            switch (run.state.isFinal, run.outputBytes) {
            case (false, _): "The run has not ended; what its programs say comes after that."
            case (true, 0): "The programs of this run said nothing, or none was run."
            case (true, _): "The device has not sent it yet."
            }
        return Problem(.noOutput, status: 404, title: "No output", detail: detail)
    }
    /// - Parameter isParameter: of the query; else a member of the body.
    static func expression(_ name: String, _ error: ExpressionError, isParameter: Bool) -> Problem {
        let field = FieldError(field: name, detail: "In \(error.description)", column: error.column)
        return isParameter ? parameters([field]) : members([field])
    }
    static let noCopies = Problem(
        .noCopies, status: 409, title: "No copies",
        detail: "No copies of this device are known: there is nothing to decide.")
    static let tooManyWatched = Problem(
        .tooManyWatched, status: 503, title: "Too many devices watched",
        detail: "50 devices without a permanent connection are being watched; wait until one is left, or tick this one.")
    static func tooManyFollowers(_ limit: Int) -> Problem {
        Problem(
            .tooManyFollowers, status: 503, title: "Too many followers",
            detail: "At most \(limit) follow events at a time. Try again later.")
    }
    static let internalError = Problem(
        .internalError, status: 500, title: "Internal error", detail: "The server failed to do this; its log says why.")

    /// What the store could not do. `conflict` becomes a revision's mismatch where the request named one.
    static func store(_ error: StoreError, revisionNamed: Bool) -> Problem {
        switch error.code {
        case .full:
            Problem(
                .storageFull, status: 507, title: "Database full",
                detail: "The database has no room; nothing was changed. Make room on the server.")
        case .unavailable, .busy, .closed:
            Problem(
                .storageUnavailable, status: 503, title: "Database unavailable",
                detail: "The database does not answer just now; nothing was changed. Try again later.")
        case .notFound: notFound("thing here")
        case .conflict where revisionNamed: revisionMismatch
        case .conflict: Problem(.conflict, status: 409, title: "Conflict", detail: error.reason)
        case .refused: Problem(.conflict, status: 409, title: "Conflict", detail: error.reason)
        default: internalError
        }
    }

    private static func names(_ errors: [FieldError]) -> String { errors.map(\.field).joined(separator: ", ") }
}
