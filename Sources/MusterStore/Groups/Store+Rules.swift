package import MusterModel

/// Moving rules and tag rules. Their conditions are checked by who takes them in.
extension Store {
    /// In their order.
    package func fetchRules(_ kind: RuleKind) async throws(StoreError) -> [RuleRecord] {
        try await read { connection throws(StoreError) in try RuleRows(connection: connection).fetchAll(kind) }
    }

    /// - Parameter place: before the rule that is there now, from 0; nil: at the end.
    /// - Throws: `refused` past the limit, and for a group, tag or name that is none.
    package func createRule(
        _ rule: DeviceRule, at place: Int? = nil, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> RuleRecord {
        try await write { connection throws(StoreError) in
            let record = RuleRecord(rule)
            try RuleRows(connection: connection).insert(record, at: place ?? .max)
            try connection.audit(record, "create-rule", principal, now)
            return record
        }
    }

    /// - Parameters:
    ///   - expectedRevision: when given, the revision the caller saw.
    ///   - change: from what is stored to what shall be, of the same kind; runs inside the transaction.
    /// - Throws: `notFound`; `conflict` when the revision is another; `refused` for a group, tag or name that is none.
    package func editRule(
        _ id: RuleID, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp,
        _ change: @escaping @Sendable (inout DeviceRule) -> Void
    ) async throws(StoreError) -> RuleRecord {
        try await write { connection throws(StoreError) in
            let rows = RuleRows(connection: connection)
            guard let found = try rows.fetch(id) else { throw .notFound("rule") }
            try StoreError.check(revision: found.revision, expected: expectedRevision)
            var new = found
            change(&new.rule)
            guard new != found else { return found }
            guard new.kind == found.kind else { throw .refused("A rule that moves stays one, and so does one that gives a tag.") }
            new.revision += 1
            try rows.update(new)
            try connection.audit(new, "edit-rule", principal, now)
            return new
        }
    }

    /// - Parameter order: all rules of the kind, each once.
    /// - Throws: `conflict` when it is not all of them: some came or went meanwhile.
    package func reorderRules(
        _ kind: RuleKind, _ order: [RuleID], principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            let rows = RuleRows(connection: connection)
            let found = try rows.fetchAll(kind).map(\.id)
            guard order.count == found.count, Set(order) == Set(found) else {
                throw StoreError(.conflict, "Changed meanwhile: the order names other rules than there are.")
            }
            guard order != found else { return }
            try rows.arrange(order, from: found)
            try connection.audit(
                principal, "reorder-rules", "rules", kind.code, ["count": .integer(Int64(order.count))], now)
        }
    }

    /// - Returns: false when there is no such rule.
    /// - Throws: `conflict` when the revision is another.
    package func deleteRule(
        _ id: RuleID, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            let rows = RuleRows(connection: connection)
            guard let found = try rows.fetch(id) else { return false }
            try StoreError.check(revision: found.revision, expected: expectedRevision)
            try rows.delete(id, of: found.kind)
            try connection.audit(found, "delete-rule", principal, now)
            return true
        }
    }
}

extension DatabaseConnection {
    fileprivate func audit(
        _ record: RuleRecord, _ action: String, _ principal: AuditPrincipal, _ now: Timestamp
    ) throws(StoreError) {
        var details: Parameters = [
            "name": .text(record.rule.name), "kind": .text(record.kind.code), "condition": .text(record.rule.condition),
            "enabled": .text(record.rule.isEnabled ? "yes" : "no"), "revision": .integer(record.revision),
        ]
        switch record.rule.effect {
        case .move(let group): details["group"] = .text(group.map { "\($0)" } ?? "unassigned")
        case .tag(let tag): details["tag"] = .text(tag)
        }
        try audit(principal, action, "rule", "\(record.id)", details, now)
    }
}
