import MusterModel

/// The rows of moving rules and tag rules, inside a transaction. Their places are 1, 2, 3 … in each kind.
struct RuleRows {
    let connection: any DatabaseConnection

    /// In their order.
    func fetchAll(_ kind: RuleKind) throws(StoreError) -> [RuleRecord] {
        try fetch("WHERE kind = $1 ORDER BY position, id", [.integer(kind.rawValue)])
    }

    func fetch(_ id: RuleID) throws(StoreError) -> RuleRecord? { try fetch("WHERE id = $1", [.id(id)]).first }

    private func fetch(_ rest: String, _ values: [SQLValue]) throws(StoreError) -> [RuleRecord] {
        try connection.fetchAll(
            "SELECT id, kind, name, expression, group_id, tag, enabled, revision FROM device_rule \(rest)", values
        ) { row throws(StoreError) in
            let effect: DeviceRule.Effect
            switch RuleKind(rawValue: try row.int(1)) {
            case .moving: effect = .move(to: row.optionalID(4))
            case .tag: effect = .tag(try row.string(5))
            case nil: throw .damaged("A rule is of the kind \(try row.int(1)).")
            }
            let rule = DeviceRule(
                id: try row.id(0), name: try row.string(2), condition: try row.string(3), effect: effect,
                isEnabled: try row.flag(6))
            return RuleRecord(rule, revision: try row.int(7))
        }
    }

    /// - Parameter place: before the rule that is there now, from 0; past the end it is the last.
    func insert(_ record: RuleRecord, at place: Int) throws(StoreError) {
        try check(record.rule)
        let found = try fetchAll(record.kind).map(\.id)
        guard found.count < DeviceRule.maximumCount else {
            throw .refused("There are \(found.count) rules, as many as there can be.")
        }
        try connection.run(
            """
            INSERT INTO device_rule (id, name, expression, group_id, tag, enabled, revision, kind, position)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, values(of: record) + [.integer(record.kind.rawValue), .count(found.count + 1)])
        var order = found
        order.insert(record.id, at: min(max(place, 0), found.count))
        try arrange(order, from: found + [record.id])
    }

    func update(_ record: RuleRecord) throws(StoreError) {
        try check(record.rule)
        try connection.run(
            """
            UPDATE device_rule SET name = $2, expression = $3, group_id = $4, tag = $5, enabled = $6, revision = $7 WHERE id = $1
            """, values(of: record))
    }

    /// - Parameter found: as they are; whose place stays is not touched.
    func arrange(_ order: [RuleID], from found: [RuleID]) throws(StoreError) {
        for (index, id) in order.enumerated() where !(found.indices.contains(index) && found[index] == id) {
            try connection.run("UPDATE device_rule SET position = $2 WHERE id = $1", [.id(id), .count(index + 1)])
        }
    }

    func delete(_ id: RuleID, of kind: RuleKind) throws(StoreError) {
        let found = try fetchAll(kind).map(\.id)
        try connection.run("DELETE FROM device_rule WHERE id = $1", [.id(id)])
        try arrange(found.filter { $0 != id }, from: found)
    }

    private func values(of record: RuleRecord) -> [SQLValue] {
        var (group, tag): (GroupID?, String?) = (nil, nil)
        switch record.rule.effect {
        case .move(let target): group = target
        case .tag(let text): tag = text
        }
        return [
            .id(record.id), .text(record.rule.name), .text(record.rule.condition), .id(group), .text(tag),
            .flag(record.rule.isEnabled), .integer(record.revision),
        ]
    }

    private func check(_ rule: DeviceRule) throws(StoreError) {
        try StoreError.checkName(rule.name)
        switch rule.effect {
        case .move(let group?): _ = try GroupRows(connection: connection).name(of: group)
        case .move(nil): break
        case .tag(let tag): try StoreError.checkTag(tag)
        }
    }
}

extension StoreError {
    static func checkName(_ name: String) throws(StoreError) {
        guard ListedName.isName(name) else { throw .refused("A name is \(ListedName.allowed).") }
    }
}
