package import MusterModel

/// Where devices are that no moving rule places, inside a transaction. In the setting: a group's id, nothing for *Unassigned*.
struct DefaultGroup {
    static let setting = "default-group"

    let connection: any DatabaseConnection

    func fetch() throws(StoreError) -> (group: GroupID?, revision: Int64) {
        let found = try connection.fetchFirst("SELECT value, revision FROM setting WHERE name = $1", [.text(Self.setting)]) {
            row throws(StoreError) in (text: try row.string(0), revision: try row.int(1))
        }
        guard let found else { return (.root, 0) }
        guard !found.text.isEmpty else { return (nil, found.revision) }
        guard let group = GroupID(found.text) else { throw .damaged("The setting \(Self.setting) is '\(found.text)'.") }
        return (group, found.revision)
    }
}

extension Store {
    /// Nil: *Unassigned*. The root until it is set, with revision 0.
    package func fetchDefaultGroup() async throws(StoreError) -> (group: GroupID?, revision: Int64) {
        try await read { connection throws(StoreError) in try DefaultGroup(connection: connection).fetch() }
    }

    /// - Parameter expectedRevision: when given, the revision the caller saw.
    /// - Throws: `conflict` when the revision is another; `refused` when there is no such group.
    /// - Returns: the new revision.
    @discardableResult
    package func setDefaultGroup(
        _ group: GroupID?, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Int64 {
        try await write { connection throws(StoreError) in
            let found = try DefaultGroup(connection: connection).fetch()
            try StoreError.check(revision: found.revision, expected: expectedRevision)
            let details = try GroupRows(connection: connection).details(of: group)
            let revision = try connection.setSetting(DefaultGroup.setting, group.map { "\($0)" } ?? "")
            try connection.audit(principal, "set-default-group", "setting", DefaultGroup.setting, details, now)
            return revision
        }
    }
}
