import MusterAPI
import MusterModel
import MusterStore
import MusterTrust

/// `api-tokens`.
struct APITokenRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let store = services.store
        return try await ListPage(call.query, cursor: \APITokenRecord.cursor) { after, limit in
            try await store.fetchAPITokens(after: after, limit: limit)
        }.reply(APITokenEntry.init)
    }

    @Sendable func create(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(CreateAPIToken.self)
        try NameRule.check(wanted.name, member: "name")
        let lifetime = try ExpiryRule.lifetime(
            wanted.expiresInSeconds, allowed: CreateAPIToken.allowedExpiry, standard: CreateAPIToken.standardExpiry)
        let now = services.now()
        let token = APITokenText(id: .random(), secret: .random())
        let record = APITokenRecord(
            id: token.id, name: wanted.name, role: wanted.role, reach: wanted.reach ?? .standard, created: now,
            expires: now + lifetime)
        try await services.store.createAPIToken(record, secretHash: token.hash, principal: call.principal.audit)
        return try .created(
            CreatedAPIToken(id: token.id, name: wanted.name, role: wanted.role, token: token.text, expires: now + lifetime))
    }

    @Sendable func revoke(_ call: APICall) async throws -> APIReply {
        let id: APITokenID = try call.id("API token")
        guard try await services.store.revokeAPIToken(id, principal: call.principal.audit, now: services.now()) else {
            throw Problem.notFound("API token (any more)")
        }
        return .noContent
    }
}
