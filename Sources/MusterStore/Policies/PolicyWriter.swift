import MusterModel

/// Changes policies, inside a transaction: each change is a new revision, written down with who made it, and a row in the audit trail.
struct PolicyWriter {
    let connection: any DatabaseConnection
    let principal: AuditPrincipal
    let now: Timestamp

    private var rows: PolicyRows { PolicyRows(connection: connection) }

    /// - Throws: `notFound`; `conflict` when the revision is another than expected.
    func fetch(_ id: PolicyID, expectedRevision: Int64?) throws(StoreError) -> PolicyRecord {
        guard let found = try rows.fetch(id) else { throw .notFound("policy") }
        try StoreError.check(revision: found.policy.revision, expected: expectedRevision)
        return found
    }

    /// - Throws: `refused` past the limits, and for a group or name that is none.
    func create(_ policy: Policy, change: String) throws(StoreError) -> PolicyChange {
        guard try rows.count() < PolicyRecord.maximumCount else {
            throw .refused("There are \(PolicyRecord.maximumCount) policies, as many as there can be.")
        }
        var policy = policy
        policy.revision = 1
        try check(policy)
        try checkNameIsFree(policy)
        let deactivated = policy.isActive ? try makeWay(for: policy) : nil
        let record = PolicyRecord(policy, created: now, changed: now)
        try rows.insert(record)
        try settle(policy, change, "create-policy")
        return PolicyChange(record, deactivated: deactivated)
    }

    /// - Throws: `refused` past the limits, and for a group or name that is none.
    func update(
        _ found: PolicyRecord, to policy: Policy, change: String, _ action: String
    ) throws(StoreError) -> PolicyChange {
        guard policy != found.policy else { return PolicyChange(found) }
        try check(policy)
        if policy.name != found.policy.name || policy.group != found.policy.group { try checkNameIsFree(policy) }
        let isNewHere = !found.policy.isActive || found.policy.group != policy.group
        let deactivated = policy.isActive && isNewHere ? try makeWay(for: policy) : nil
        var new = PolicyRecord(policy, created: found.created, changed: now)
        new.policy.revision = found.policy.revision + 1
        try rows.update(new)
        try settle(new.policy, change, action)
        return PolicyChange(new, deactivated: deactivated)
    }

    /// Its revisions stay, with one more that says so.
    func delete(_ found: PolicyRecord) throws(StoreError) {
        try connection.run("DELETE FROM policy WHERE id = $1", [.id(found.id)])
        var last = found.policy
        last.revision += 1
        last.isActive = false
        try settle(last, PolicyChangeCode.deleted, "delete-policy")
    }

    private func makeWay(for policy: Policy) throws(StoreError) -> PolicyRecord? {
        guard let other = try rows.fetchActive(of: policy.application, in: policy.group), other.id != policy.id else {
            return nil
        }
        var inactive = other.policy
        inactive.isActive = false
        return try update(other, to: inactive, change: PolicyChangeCode.deactivated, "deactivate-policy").policy
    }

    private func check(_ policy: Policy) throws(StoreError) {
        try StoreError.checkName(policy.name)
        _ = try GroupRows(connection: connection).name(of: policy.group)
    }

    /// Commands go by names.
    private func checkNameIsFree(_ policy: Policy) throws(StoreError) {
        let isTaken = try connection.exists(
            "SELECT 1 FROM policy WHERE name = $1 AND group_id = $2 AND application = $3 AND id <> $4",
            [.text(policy.name), .id(policy.group), .text(policy.application.description), .id(policy.id)])
        if isTaken { throw .refused("Another policy of \(policy.application) in that group has the name '\(policy.name)'.") }
    }

    private func settle(_ policy: Policy, _ change: String, _ action: String) throws(StoreError) {
        try rows.insertRevision(policy, change: change, by: principal, now: now)
        try connection.audit(
            principal, action, "policy", "\(policy.id)",
            [
                "name": .text(policy.name), "application": .text(policy.application.description),
                "group": .text("\(policy.group)"), "revision": .integer(policy.revision),
                "change": .text(BoundedText.cut(change, to: BoundedText.sentence)),
            ], now)
    }
}
