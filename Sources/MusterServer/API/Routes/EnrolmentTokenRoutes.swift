import MusterAPI
import MusterModel
import MusterStore
import MusterTrust

/// `enrolment-tokens`.
struct EnrolmentTokenRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let limit = try call.query.limit()
        let after = try Cursor.decoded(call.query, as: TokenCursor.self)
        let page = try await services.store.fetchEnrolmentTokens(after: after, limit: limit)
        return try .ok(Page(items: page.items.map(EnrolmentTokenEntry.init), next: try page.next.map(Cursor.encoded)))
    }

    @Sendable func create(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(CreateEnrolmentToken.self)
        let name = wanted.name ?? ""
        try NameRule.check(name, member: "name", mayBeEmpty: true)
        let lifetime = try ExpiryRule.lifetime(
            wanted.expiresInSeconds, allowed: CreateEnrolmentToken.allowedExpiry, standard: CreateEnrolmentToken.standardExpiry)
        let uses = wanted.maximumUses ?? CreateEnrolmentToken.standardUses
        let allowed = CreateEnrolmentToken.allowedUses
        guard allowed.contains(uses) else {
            throw Problem.member(
                "maximumUses", "\(uses) is out of range.", allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
        }
        let now = services.now()
        let token = EnrolmentTokenText(id: .random(), secret: .random())
        try await services.store.createEnrolmentToken(
            id: token.id, name: name, secretHash: token.hash, expires: now + lifetime, maximumUses: uses,
            principal: call.principal.audit, now: now)
        services.backend.enrolmentTokensChanged()
        return try .created(
            CreatedEnrolmentToken(
                id: token.id, name: name, token: token.text, pins: services.backend.pins, expires: now + lifetime,
                maximumUses: uses))
    }

    @Sendable func revoke(_ call: APICall) async throws -> APIReply {
        let id: EnrolmentTokenID = try call.id("enrolment token")
        guard
            try await services.store.revokeEnrolmentToken(id, principal: call.principal.audit, now: services.now())
        else { throw Problem.notFound("enrolment token") }
        services.backend.enrolmentTokensChanged()
        return .noContent
    }
}

/// How long a token may be good.
enum ExpiryRule {
    static func lifetime(_ seconds: Int64?, allowed: ClosedRange<Duration>, standard: Duration) throws(Problem) -> Duration {
        guard let seconds else { return standard }
        let range = allowed.lowerBound.components.seconds...allowed.upperBound.components.seconds
        // Checked before the conversion to Duration, which has its own bounds.
        guard range.contains(seconds) else {
            throw .member("expiresInSeconds", "\(seconds) is out of range.", allowed: "\(range.lowerBound)…\(range.upperBound)")
        }
        return .seconds(seconds)
    }
}
