import MusterAPI
import MusterModel
import MusterStore
import MusterTrust

/// `enrolment-tokens`.
struct EnrolmentTokenRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let (store, groups) = (services.store, services.backend.administration.tree)
        return try await ListPage(call.query, cursor: \EnrolmentTokenRecord.cursor) { after, limit in
            try await store.fetchEnrolmentTokens(after: after, limit: limit)
        }.reply { EnrolmentTokenEntry($0, in: groups) }
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
        let record = EnrolmentTokenRecord(
            id: token.id, name: name, created: now, expires: now + lifetime, maximumUses: uses, target: try target(wanted),
            permanentConnection: wanted.permanentConnection ?? false)
        try await services.store.createEnrolmentToken(record, secretHash: token.hash, principal: call.principal.audit)
        services.backend.enrolmentTokensChanged()
        return try .created(
            CreatedEnrolmentToken(
                id: token.id, name: name, token: token.text, pins: services.backend.pins, expires: now + lifetime,
                maximumUses: uses))
    }

    private func target(_ wanted: CreateEnrolmentToken) throws(Problem) -> EnrolmentTarget {
        var target = EnrolmentTarget(
            tags: try DeviceEdit.tags(wanted.tags, member: "tags").sorted(), needsApproval: wanted.approval ?? false)
        if let group = wanted.group {
            target.group = try GroupChoice.group(group, in: services.backend.administration.tree, member: "group")
        }
        return target
    }

    @Sendable func revoke(_ call: APICall) async throws -> APIReply {
        let id: EnrolmentTokenID = try call.id("enrolment token")
        guard
            try await services.store.revokeEnrolmentToken(id, principal: call.principal.audit, now: services.now())
        else { throw Problem.notFound("enrolment token (any more)") }
        services.backend.enrolmentTokensChanged()
        return .noContent
    }
}

/// How long a token may be good.
enum ExpiryRule {
    static func lifetime(
        _ seconds: Int64?, allowed: ClosedRange<Duration>, standard: Duration, member: String = "expiresInSeconds"
    ) throws(Problem) -> Duration {
        guard let seconds else { return standard }
        let range = allowed.lowerBound.components.seconds...allowed.upperBound.components.seconds
        // Checked before the conversion to Duration, which has its own bounds.
        guard range.contains(seconds) else {
            throw .member(member, "\(seconds) s is out of range.", allowed: "\(range.lowerBound)…\(range.upperBound)")
        }
        return .seconds(seconds)
    }
}
