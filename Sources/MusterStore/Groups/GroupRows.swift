import MusterModel

/// The rows of administration groups, inside a transaction. What a change of the tree may be, `GroupTree` says.
struct GroupRows {
    let connection: any DatabaseConnection

    /// In order of name and id.
    func fetchAll() throws(StoreError) -> [GroupRecord] { try fetch("ORDER BY name, id", []) }

    func fetch(_ id: GroupID) throws(StoreError) -> GroupRecord? { try fetch("WHERE id = $1", [.id(id)]).first }

    private func fetch(_ rest: String, _ values: [SQLValue]) throws(StoreError) -> [GroupRecord] {
        try connection.fetchAll("SELECT id, parent, name, revision, created, changed FROM device_group \(rest)", values) {
            row throws(StoreError) in
            GroupRecord(
                AdministrationGroup(id: try row.id(0), parent: row.optionalID(1), name: try row.string(2)),
                revision: try row.int(3), created: try row.time(4), changed: try row.time(5))
        }
    }

    /// - Throws: `notFound`; `conflict` when the revision is another than expected.
    func fetch(_ id: GroupID, expectedRevision: Int64?) throws(StoreError) -> GroupRecord {
        guard let found = try fetch(id) else { throw .notFound("administration group") }
        try StoreError.check(revision: found.revision, expected: expectedRevision)
        return found
    }

    /// Whether the tree takes a change. - Throws: `refused`, with the tree's refusal as `underlying`; `notFound`.
    func check(_ change: (inout GroupTree) throws(GroupTree.Refusal) -> Void) throws(StoreError) {
        var tree = GroupTree(try fetchAll().map(\.group))
        do throws(GroupTree.Refusal) {
            try change(&tree)
        } catch {
            throw .group(error)
        }
    }

    func insert(_ record: GroupRecord) throws(StoreError) {
        try connection.run(
            "INSERT INTO device_group (id, parent, name, revision, created, changed) VALUES ($1, $2, $3, $4, $5, $6)",
            [
                .id(record.id), .id(record.group.parent), .text(record.group.name), .integer(record.revision),
                .time(record.created), .time(record.changed),
            ])
    }

    func update(_ record: GroupRecord) throws(StoreError) {
        try connection.run(
            "UPDATE device_group SET parent = $2, name = $3, revision = $4, changed = $5 WHERE id = $1",
            [
                .id(record.id), .id(record.group.parent), .text(record.group.name), .integer(record.revision),
                .time(record.changed),
            ])
    }

    func path(of id: GroupID) throws(StoreError) -> GroupPath {
        let tree = GroupTree(try fetchAll().map(\.group))
        guard let path = GroupPath(names: tree.names(to: id)) else {
            throw .damaged("The administration group \(id) has no path.")
        }
        return path
    }

    /// Its name. - Throws: `refused` when there is no such group.
    func name(of id: GroupID) throws(StoreError) -> String {
        guard let name = try fetch(id)?.group.name else { throw .refused("There is no such administration group (any more).") }
        return name
    }

    /// For the audit trail: the group's id and name, `unassigned` for none.
    func details(of id: GroupID?) throws(StoreError) -> Parameters {
        guard let id else { return ["group": .text("unassigned")] }
        return ["group": .text("\(id)"), "groupName": .text(try name(of: id))]
    }
}

extension StoreError {
    fileprivate static func group(_ refusal: GroupTree.Refusal) -> Self {
        let reason: String
        switch refusal {
        case .noSuchGroup: return .notFound("administration group")
        case .noSuchParent: reason = "There is no such group to put it under (any more)."
        case .nameTaken: reason = "Another group there has that name."
        case .badName:
            reason = """
                A group's name is one line of 1 to \(AdministrationGroup.nameBytes.upperBound) bytes without '/' and without spaces \
                around it, and not '.' or '..'.
                """
        case .isRoot: reason = "The root group is neither moved nor deleted."
        case .ring: reason = "A group cannot be moved under itself or a group below it."
        case .tooDeep: reason = "Groups are at most \(GroupTree.maximumDepth) deep."
        case .tooMany: reason = "There are \(GroupTree.maximumGroups) groups, as many as there can be."
        case .hasGroups: reason = "There are groups below it: move or delete them first."
        }
        return StoreError(.refused, reason, underlying: refusal)
    }
}
