import MusterModel

/// The rows of policies and their revisions.
struct PolicyRows {
    let connection: any DatabaseConnection

    /// - Parameter rest: a condition, an order.
    func fetch(_ rest: String = "ORDER BY application, name, id", _ values: [SQLValue] = []) throws(StoreError) -> [PolicyRecord]
    {
        try connection.fetchAll(
            "SELECT id, application, group_id, name, active, content, revision, created, changed FROM policy \(rest)", values,
            Self.record)
    }

    func fetch(_ id: PolicyID) throws(StoreError) -> PolicyRecord? { try fetch("WHERE id = $1", [.id(id)]).first }

    func fetchActive(of application: ApplicationID, in group: GroupID) throws(StoreError) -> PolicyRecord? {
        try fetch(
            "WHERE group_id = $1 AND application = $2 AND active = 1", [.id(group), .text(application.description)]
        ).first
    }

    private static func record(_ row: any DatabaseRow) throws(StoreError) -> PolicyRecord {
        let name = try row.string(1)
        guard let application = ApplicationID(name) else { throw .damaged("A policy is for the application '\(name)'.") }
        let policy = Policy(
            id: try row.id(0), application: application, group: try row.id(2), name: try row.string(3),
            isActive: try row.flag(4), content: try StoredJSON.value(try row.string(5), of: "A policy"), revision: try row.int(6))
        return PolicyRecord(policy, created: try row.time(7), changed: try row.time(8))
    }

    func count() throws(StoreError) -> Int64 {
        try connection.fetchFirst("SELECT COUNT(*) FROM policy") { row throws(StoreError) in try row.int(0) } ?? 0
    }

    func insert(_ record: PolicyRecord) throws(StoreError) {
        let policy = record.policy
        try connection.run(
            """
            INSERT INTO policy (id, group_id, name, active, revision, content, changed, application, created)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            try values(of: record) + [.text(policy.application.description), .time(record.created)])
    }

    func update(_ record: PolicyRecord) throws(StoreError) {
        try connection.run(
            """
            UPDATE policy SET group_id = $2, name = $3, active = $4, revision = $5, content = $6, changed = $7 WHERE id = $1
            """, try values(of: record))
    }

    private func values(of record: PolicyRecord) throws(StoreError) -> [SQLValue] {
        let policy = record.policy
        return [
            .id(policy.id), .id(policy.group), .text(policy.name), .flag(policy.isActive), .integer(policy.revision),
            .text(try StoredJSON.text(policy.content, of: "The policy")), .time(record.changed),
        ]
    }

    /// Writes down a revision, and forgets those that are too many.
    func insertRevision(_ policy: Policy, change: String, by principal: AuditPrincipal, now: Timestamp) throws(StoreError) {
        try connection.run(
            """
            INSERT INTO policy_revision (policy, revision, at, principal_kind, principal, change, name, active, content)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .id(policy.id), .integer(policy.revision), .time(now), .text(principal.kind), .text(principal.id),
                .text(BoundedText.cut(change, to: BoundedText.sentence)), .text(policy.name), .flag(policy.isActive),
                .text(try StoredJSON.text(policy.content, of: "The policy")),
            ])
        try connection.run(
            "DELETE FROM policy_revision WHERE policy = $1 AND revision <= $2",
            [.id(policy.id), .integer(policy.revision - PolicyRevisionRecord.kept)])
    }

    /// The newest first. - Parameter rest: a condition on `policy`, what follows it.
    func fetchRevisions(
        withContent: Bool, _ rest: String, _ values: [SQLValue]
    ) throws(StoreError) -> [PolicyRevisionRecord] {
        let columns = "policy, revision, at, principal_kind, principal, change, name, active"
        return try connection.fetchAll(
            "SELECT \(columns)\(withContent ? ", content" : "") FROM policy_revision \(rest)", values
        ) { row throws(StoreError) in
            PolicyRevisionRecord(
                policy: try row.id(0), revision: try row.int(1), at: try row.time(2),
                principal: AuditPrincipal(kind: try row.string(3), id: try row.string(4)), change: try row.string(5),
                name: try row.string(6), isActive: try row.flag(7),
                content: withContent ? try StoredJSON.value(try row.string(8), of: "A policy's revision") : nil)
        }
    }
}
