package import MusterModel

/// Policies. What their content says is checked by who takes it in; here only how much it is: at most 256 KiB as JSON, 2,000 policies.
///
/// Changes throw `notFound`, `conflict` when the revision is not the one the caller saw (where given), and `refused` past the limits and for a
/// group or name that is none. Of an application in a group one policy is active: one that becomes so deactivates the other.
extension Store {
    /// All of all groups, by application and name.
    package func fetchPolicies() async throws(StoreError) -> [PolicyRecord] {
        try await read { connection throws(StoreError) in try PolicyRows(connection: connection).fetch() }
    }

    package func fetchPolicy(_ id: PolicyID) async throws(StoreError) -> PolicyRecord? {
        try await read { connection throws(StoreError) in try PolicyRows(connection: connection).fetch(id) }
    }

    /// As its first revision.
    package func createPolicy(
        _ policy: Policy, change: String = PolicyChangeCode.created, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> PolicyChange {
        try await write { connection throws(StoreError) in
            try PolicyWriter(connection: connection, principal: principal, now: now).create(policy, change: change)
        }
    }

    package func renamePolicy(
        _ id: PolicyID, name: String, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> PolicyRecord {
        try await changePolicy(
            id, PolicyChangeCode.renamed, "rename-policy", expectedRevision: expectedRevision, principal, now
        ) { $0.name = name }.policy
    }

    /// Its name, content and whether it is active, in one revision.
    /// - Parameter change: as in `setContent`.
    package func changePolicy(
        _ policy: Policy, expectedRevision: Int64?, change: String, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> PolicyChange {
        try await changePolicy(policy.id, change, "edit-policy", expectedRevision: expectedRevision, principal, now) { found in
            found.name = policy.name
            found.isActive = policy.isActive
            found.content = policy.content
        }
    }

    /// - Parameter change: what was done, in words; cut to 1,000 bytes. It goes into the audit trail: no secrets.
    package func setContent(
        of id: PolicyID, _ content: PolicyContent, expectedRevision: Int64?, change: String, principal: AuditPrincipal,
        now: Timestamp
    ) async throws(StoreError) -> PolicyRecord {
        try await changePolicy(id, change, "edit-policy", expectedRevision: expectedRevision, principal, now) {
            $0.content = content
        }.policy
    }

    package func setActive(
        _ id: PolicyID, to isActive: Bool, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> PolicyChange {
        try await changePolicy(
            id, isActive ? PolicyChangeCode.activated : PolicyChangeCode.deactivated,
            isActive ? "activate-policy" : "deactivate-policy", expectedRevision: expectedRevision, principal, now
        ) { $0.isActive = isActive }
    }

    /// Active it stays so, and deactivates the one that was active there.
    package func movePolicy(
        _ id: PolicyID, to group: GroupID, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> PolicyChange {
        try await changePolicy(
            id, PolicyChangeCode.moved, "move-policy", expectedRevision: expectedRevision, principal, now
        ) { policy in
            policy = Policy(
                id: policy.id, application: policy.application, group: group, name: policy.name, isActive: policy.isActive,
                content: policy.content, revision: policy.revision)
        }
    }

    /// Its revisions stay, for as long as `deleteOldPolicyRevisions` lets them.
    /// - Returns: what it was; nil when there is no such policy.
    package func deletePolicy(
        _ id: PolicyID, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> PolicyRecord? {
        try await write { connection throws(StoreError) in
            guard let found = try PolicyRows(connection: connection).fetch(id) else { return nil }
            try StoreError.check(revision: found.policy.revision, expected: expectedRevision)
            try PolicyWriter(connection: connection, principal: principal, now: now).delete(found)
            return found
        }
    }

    /// Changes the active policy of an application in a group, or makes one.
    /// - Parameters:
    ///   - new: the id and name of one that has to be made.
    ///   - expectedRevision: 0 where the caller saw none.
    ///   - edit: runs inside the transaction.
    package func editActivePolicy(
        of application: ApplicationID, in group: GroupID, new: (id: PolicyID, name: String), expectedRevision: Int64?,
        change: String, principal: AuditPrincipal, now: Timestamp, _ edit: @escaping @Sendable (inout PolicyContent) -> Void
    ) async throws(StoreError) -> PolicyRecord {
        try await write { connection throws(StoreError) in
            let writer = PolicyWriter(connection: connection, principal: principal, now: now)
            let found = try PolicyRows(connection: connection).fetchActive(of: application, in: group)
            try StoreError.check(revision: found?.policy.revision ?? 0, expected: expectedRevision)
            guard let found else {
                var policy = Policy(id: new.id, application: application, group: group, name: new.name)
                edit(&policy.content)
                return try writer.create(policy, change: change).policy
            }
            var policy = found.policy
            edit(&policy.content)
            return try writer.update(found, to: policy, change: change, "edit-policy").policy
        }
    }

    private func changePolicy(
        _ id: PolicyID, _ change: String, _ action: String, expectedRevision: Int64?, _ principal: AuditPrincipal,
        _ now: Timestamp, _ edit: @escaping @Sendable (inout Policy) -> Void
    ) async throws(StoreError) -> PolicyChange {
        try await write { connection throws(StoreError) in
            let writer = PolicyWriter(connection: connection, principal: principal, now: now)
            let found = try writer.fetch(id, expectedRevision: expectedRevision)
            var policy = found.policy
            edit(&policy)
            return try writer.update(found, to: policy, change: change, action)
        }
    }
}
