import MusterModel

extension Store {
    /// The audit trail in its order, after `number`.
    package func fetchAudit(after number: Int64 = 0, limit: Int) async throws(StoreError) -> [AuditRecord] {
        try await read { connection throws(StoreError) in
            try connection.fetchAll(
                """
                SELECT number, at, principal_kind, principal, action, object_kind, object, details FROM audit
                WHERE number > $1 ORDER BY number LIMIT $2
                """, [.integer(number), .count(limit)]
            ) { row throws(StoreError) in
                AuditRecord(
                    number: try row.int(0), at: try row.time(1),
                    principal: AuditPrincipal(kind: try row.string(2), id: try row.string(3)), action: try row.string(4),
                    objectKind: try row.string(5), object: try row.string(6),
                    parameters: Parameters(jsonText: try row.string(7)) ?? [:])
            }
        }
    }
}

extension DatabaseConnection {
    /// Writes down a change, in the transaction that makes it.
    func audit(
        _ principal: AuditPrincipal, _ action: String, _ objectKind: String, _ object: String, _ details: Parameters,
        _ now: Timestamp
    ) throws(StoreError) {
        try run(
            """
            INSERT INTO audit (at, principal_kind, principal, action, object_kind, object, details)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .time(now), .text(principal.kind), .text(principal.id), .text(action), .text(objectKind), .text(object),
                .text(details.jsonText),
            ])
    }

    /// The same change of several things.
    func audit(
        _ principal: AuditPrincipal, _ action: String, _ objectKind: String, of changes: [(object: String, details: Parameters)],
        _ now: Timestamp
    ) throws(StoreError) {
        try RowList.forEachPiece(of: changes, limit: 64) { piece throws(StoreError) in
            try run(
                """
                INSERT INTO audit (at, principal_kind, principal, action, object_kind, object, details)
                \(RowList.values(rows: piece.count, columns: 7, from: 1))
                """,
                piece.flatMap { change -> [SQLValue] in
                    [
                        .time(now), .text(principal.kind), .text(principal.id), .text(action), .text(objectKind),
                        .text(change.object), .text(change.details.jsonText),
                    ]
                })
        }
    }
}
