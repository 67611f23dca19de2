import MusterModel

/// A group that was renamed or moved, and the expressions that name it by its path, inside a transaction. Rules name none: where a device is
/// and how it is tagged does not depend on its group.
struct GroupNaming {
    let connection: any DatabaseConnection
    let old: GroupPath
    let new: GroupPath
    let principal: AuditPrincipal
    let now: Timestamp

    func followInSelections() throws(StoreError) {
        for var record in try connection.fetchSelections() {
            guard let text = try following(record.expression) else { continue }
            record.expression = text
            try connection.update(&record, principal, now)
        }
    }

    /// - Returns: those that have another revision now.
    func followInPolicies() throws(StoreError) -> [Policy] {
        let writer = PolicyWriter(connection: connection, principal: principal, now: now)
        var changed: [Policy] = []
        for record in try PolicyRows(connection: connection).fetch() {
            var policy = record.policy
            for place in policy.content.profiles.indices {
                guard let text = try following(policy.content.profiles[place].condition) else { continue }
                policy.content.profiles[place].condition = text
            }
            guard policy != record.policy else { continue }
            let what = "profiles: \(old) became \(new)"
            changed.append(try writer.update(record, to: policy, change: what, "edit-policy").policy.policy)
        }
        return changed
    }

    /// Nil for one that names none of them, or that this program does not understand.
    private func following(_ text: String) throws(StoreError) -> String? {
        guard let expression = try? DeviceExpression(text) else { return nil }
        do {
            return try expression.following(old, to: new)?.text
        } catch {
            throw .refused("With the new path an expression that names the group would be too long: \(text)")
        }
    }
}
