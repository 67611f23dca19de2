package import MusterModel

extension Store {
    /// - Parameter secretHash: SHA-256 of the secret; the secret itself is nowhere stored.
    /// - Throws: `refused` for a target group or a tag that is none.
    package func createEnrolmentToken(
        _ token: EnrolmentTokenRecord, secretHash: Fingerprint, principal: AuditPrincipal
    ) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try token.target.check(connection)
            try connection.run(
                """
                INSERT INTO enrolment_token
                    (id, name, secret_hash, created, expires, maximum_uses, permanent, group_id, tags, approval, uses)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
                """,
                [
                    .id(token.id), .text(token.name), .fingerprint(secretHash), .time(token.created), .time(token.expires),
                    .integer(token.maximumUses), .flag(token.permanentConnection),
                ] + token.target.columns)
            var details: Parameters = ["name": .text(token.name), "expires": .time(token.expires)]
            details.merge(token.target.details) { $1 }
            if let uses = token.maximumUses { details["maximumUses"] = .integer(uses) }
            try connection.audit(principal, "create-enrolment-token", "enrolment-token", "\(token.id)", details, token.created)
        }
    }

    /// A page in order of creation.
    package func fetchEnrolmentTokens(
        after cursor: CreationCursor<EnrolmentTokenEntity>? = nil, limit: Int
    ) async throws(StoreError) -> [EnrolmentTokenRecord] {
        try await read { connection throws(StoreError) in
            try connection.fetchAll(
                """
                SELECT id, name, created, expires, maximum_uses, uses, revoked, permanent, group_id, tags, approval
                FROM enrolment_token
                WHERE (created, id) > ($1, $2) ORDER BY created, id LIMIT $3
                """, Self.page(after: cursor, limit: limit)
            ) { row throws(StoreError) in
                EnrolmentTokenRecord(
                    id: try row.id(0), name: try row.string(1), created: try row.time(2), expires: try row.time(3),
                    maximumUses: row.integer(at: 4), uses: try row.int(5), revoked: row.optionalTime(6),
                    target: try row.target(at: 8), permanentConnection: row.integer(at: 7) == 1)
            }
        }
    }

    /// - Returns: false when there is no such token, or it was revoked before.
    package func revokeEnrolmentToken(
        _ id: EnrolmentTokenID, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            let revoked = try connection.run(
                "UPDATE enrolment_token SET revoked = $2 WHERE id = $1 AND revoked IS NULL", [.id(id), .time(now)])
            guard revoked == 1 else { return false }
            try connection.audit(principal, "revoke-enrolment-token", "enrolment-token", "\(id)", [:], now)
            return true
        }
    }

    package func createAPIToken(
        _ token: APITokenRecord, secretHash: Fingerprint, principal: AuditPrincipal
    ) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.run(
                """
                INSERT INTO api_token (id, name, role, secret_hash, created, expires, reach, maker_kind, maker)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                [
                    .id(token.id), .text(token.name), .text(token.role.rawValue), .fingerprint(secretHash), .time(token.created),
                    .time(token.expires), .integer(token.reach.number), .text(principal.kind), .text(principal.id),
                ])
            try connection.audit(
                principal, "create-api-token", "api-token", "\(token.id)",
                [
                    "name": .text(token.name), "role": .text(token.role.rawValue), "expires": .time(token.expires),
                    "reach": .text("\(token.reach)"),
                ], token.created)
        }
    }

    /// A page in order of creation.
    package func fetchAPITokens(
        after cursor: CreationCursor<APITokenEntity>? = nil, limit: Int
    ) async throws(StoreError) -> [APITokenRecord] {
        try await read { connection throws(StoreError) in
            var tokens = try connection.fetchAll(
                """
                SELECT \(Self.apiTokenColumns) FROM api_token
                WHERE (created, id) > ($1, $2) ORDER BY created, id LIMIT $3
                """, Self.page(after: cursor, limit: limit), Self.apiToken)
            let names = try connection.fetchNames(of: Set(tokens.compactMap(\.maker?.apiToken)))
            for index in tokens.indices { tokens[index].makerName = tokens[index].maker?.apiToken.flatMap { names[$0] } }
            return tokens
        }
    }

    /// The token with this hash of its secret, expired and revoked ones too: the caller looks at the dates.
    package func apiToken(hash: Fingerprint) async throws(StoreError) -> APITokenRecord? {
        try await read { connection throws(StoreError) in
            try connection.fetchFirst(
                "SELECT \(Self.apiTokenColumns) FROM api_token WHERE secret_hash = $1", [.fingerprint(hash)], Self.apiToken)
        }
    }

    /// - Returns: false when there is no such token, or it was revoked before.
    package func revokeAPIToken(_ id: APITokenID, principal: AuditPrincipal, now: Timestamp) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            let revoked = try connection.run(
                "UPDATE api_token SET revoked = $2 WHERE id = $1 AND revoked IS NULL", [.id(id), .time(now)])
            guard revoked == 1 else { return false }
            try connection.audit(principal, "revoke-api-token", "api-token", "\(id)", [:], now)
            return true
        }
    }

    private static func page<Entity>(after cursor: CreationCursor<Entity>?, limit: Int) -> [SQLValue] {
        [.integer(cursor?.created.milliseconds ?? .min), .bytes(cursor?.id.bytes ?? []), .count(limit)]
    }

    private static let apiTokenColumns = "id, name, role, created, expires, revoked, reach, maker_kind, maker"

    private static func apiToken(_ row: any DatabaseRow) throws(StoreError) -> APITokenRecord {
        let text = try row.string(2)
        guard let role = Role(rawValue: text) else { throw .damaged("A token of the API has the role '\(text)'.") }
        var token = APITokenRecord(
            id: try row.id(0), name: try row.string(1), role: role, reach: DeviceReach(number: try row.int(6)),
            created: try row.time(3), expires: try row.time(4), revoked: row.optionalTime(5))
        if let kind = row.text(at: 7), let maker = row.text(at: 8) { token.maker = AuditPrincipal(kind: kind, id: maker) }
        return token
    }
}

extension AuditPrincipal {
    /// Nil for what is no API token.
    var apiToken: APITokenID? { kind == "api-token" ? APITokenID(id) : nil }
}

extension DatabaseConnection {
    func fetchNames(of tokens: Set<APITokenID>) throws(StoreError) -> [APITokenID: String] {
        var names: [APITokenID: String] = [:]
        try RowList.forEachPiece(of: Array(tokens), limit: 256) { piece throws(StoreError) in
            let list = RowList.list(piece.count, from: 1)
            try prepare("SELECT id, name FROM api_token WHERE id IN \(list)").run(piece.map { .id($0) }) {
                row throws(StoreError) in names[try row.id(0)] = try row.string(1)
            }
        }
        return names
    }
}

extension DeviceReach {
    /// As the table has it: below 0 there is no limit.
    fileprivate init(number: Int64) { self = number < 0 ? .unlimited : .devices(number) }

    fileprivate var number: Int64 { if case .devices(let count) = self { count } else { -1 } }
}
