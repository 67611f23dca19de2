import MusterAPI
import MusterModel
import MusterStore
import MusterTrust

/// `api-tokens`.
struct APITokenRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let limit = try call.query.limit()
        let after = try Cursor.decoded(call.query, as: TokenCursor.self)
        let page = try await services.store.fetchAPITokens(after: after, limit: limit)
        return try .ok(Page(items: page.items.map(APITokenEntry.init), next: try page.next.map(Cursor.encoded)))
    }

    @Sendable func create(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(CreateAPIToken.self)
        try NameRule.check(wanted.name, member: "name")
        let lifetime = try ExpiryRule.lifetime(
            wanted.expiresInSeconds, allowed: CreateAPIToken.allowedExpiry, standard: CreateAPIToken.standardExpiry)
        let now = services.now()
        let token = APITokenText(id: .random(), secret: .random())
        try await services.store.createAPIToken(
            id: token.id, name: wanted.name, role: wanted.role, hash: token.hash, expires: now + lifetime,
            principal: call.principal.audit, now: now)
        return try .created(
            CreatedAPIToken(id: token.id, name: wanted.name, role: wanted.role, token: token.text, expires: now + lifetime))
    }

    @Sendable func revoke(_ call: APICall) async throws -> APIReply {
        let id: APITokenID = try call.id("API token")
        guard try await services.store.revokeAPIToken(id, principal: call.principal.audit, now: services.now()) else {
            throw Problem.notFound("API token")
        }
        return .noContent
    }
}
