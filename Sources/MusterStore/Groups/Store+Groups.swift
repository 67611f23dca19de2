package import MusterModel

extension Store {
    /// All of them, the root too, in order of their names.
    package func fetchGroups() async throws(StoreError) -> [GroupRecord] {
        try await read { connection throws(StoreError) in try GroupRows(connection: connection).fetchAll() }
    }

    package func fetchGroup(_ id: GroupID) async throws(StoreError) -> GroupRecord? {
        try await read { connection throws(StoreError) in try GroupRows(connection: connection).fetch(id) }
    }

    /// - Throws: `refused` where the tree does not take it.
    package func createGroup(
        _ group: AdministrationGroup, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> GroupRecord {
        try await write { connection throws(StoreError) in
            let rows = GroupRows(connection: connection)
            try rows.check { tree throws(GroupTree.Refusal) in try tree.add(group) }
            let record = GroupRecord(group, created: now, changed: now)
            try rows.insert(record)
            var details: Parameters = ["name": .text(group.name)]
            if let parent = group.parent { details["parent"] = .text("\(parent)") }
            try connection.audit(principal, "create-group", "group", "\(group.id)", details, now)
            return record
        }
    }

    /// Selections and profiles that name it or a group below it by its path follow.
    /// - Parameter expectedRevision: when given, the revision the caller saw.
    /// - Throws: `notFound`; `conflict` when the revision is another; `refused` where the tree, or an expression's limit, does not take it.
    package func renameGroup(
        _ id: GroupID, name: String, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> GroupChange {
        try await changeGroup(id, expectedRevision, principal, now) { connection, record throws(StoreError) in
            let old = record.group.name
            guard name != old else { return }
            try GroupRows(connection: connection).check { tree throws(GroupTree.Refusal) in try tree.rename(id, name) }
            record.group.name = name
            try connection.audit(
                principal, "rename-group", "group", "\(id)", ["from": .text(old), "to": .text(name)], now)
        }
    }

    /// With all that is below it; else as `renameGroup`.
    package func moveGroup(
        _ id: GroupID, under parent: GroupID, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> GroupChange {
        try await changeGroup(id, expectedRevision, principal, now) { connection, record throws(StoreError) in
            let old = record.group.parent
            guard parent != old else { return }
            try GroupRows(connection: connection).check { tree throws(GroupTree.Refusal) in try tree.move(id, under: parent) }
            record.group.parent = parent
            try connection.audit(
                principal, "move-group", "group", "\(id)",
                ["name": .text(record.group.name), "from": .text(old.map { "\($0)" } ?? ""), "to": .text("\(parent)")], now)
        }
    }

    private func changeGroup(
        _ id: GroupID, _ expectedRevision: Int64?, _ principal: AuditPrincipal, _ now: Timestamp,
        _ change: @escaping @Sendable (any DatabaseConnection, inout GroupRecord) throws(StoreError) -> Void
    ) async throws(StoreError) -> GroupChange {
        try await write { connection throws(StoreError) in
            let rows = GroupRows(connection: connection)
            let found = try rows.fetch(id, expectedRevision: expectedRevision)
            var new = found
            try change(connection, &new)
            guard new != found else { return GroupChange(group: found) }
            new.revision += 1
            new.changed = now
            let before = try rows.path(of: id)
            try rows.update(new)
            let naming = GroupNaming(
                connection: connection, old: before, new: try rows.path(of: id), principal: principal, now: now)
            try naming.followInSelections()
            return GroupChange(group: new, policies: try naming.followInPolicies())
        }
    }

    /// A group without groups below it, with what refers to it.
    /// - Returns: `inUse`, and nothing changed, where the caller did not say what becomes of that.
    /// - Throws: `notFound`; `conflict` when the revision is another; `refused` for the root and when devices are to move to a group that is not there.
    package func deleteGroup(
        _ id: GroupID, _ deletion: GroupDeletion = GroupDeletion(), expectedRevision: Int64?, principal: AuditPrincipal,
        now: Timestamp
    ) async throws(StoreError) -> GroupDeletionOutcome {
        try await write(isLarge: true) { connection throws(StoreError) in
            let record = try GroupRows(connection: connection).fetch(id, expectedRevision: expectedRevision)
            return try GroupRemoval(
                connection: connection, group: record, deletion: deletion, principal: principal, now: now
            ).run()
        }
    }
}
