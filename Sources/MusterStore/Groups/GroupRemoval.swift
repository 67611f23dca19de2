import MusterModel

/// Deletes one group, inside its transaction.
struct GroupRemoval {
    let connection: any DatabaseConnection
    let group: GroupRecord
    let deletion: GroupDeletion
    let principal: AuditPrincipal
    let now: Timestamp

    private var id: SQLValue { .id(group.id) }

    func run() throws(StoreError) -> GroupDeletionOutcome {
        guard group.id != .root else {
            try GroupRows(connection: connection).check { tree throws(GroupTree.Refusal) in try tree.remove(.root) }
            throw .refused("The root group is neither moved nor deleted.")
        }
        try connection.checkNoTask(isFor: .group(group.id), called: "group")
        let use = try fetchUse()
        guard isSettled(use) else { return .inUse(use) }
        let (devices, position) = try settleDevices()
        let policies = try deletePolicies()
        let rules = try deleteRules()
        try forgetTargets()
        try connection.run("DELETE FROM device_group WHERE id = $1", [id])
        try connection.audit(
            principal, "delete-group", "group", "\(group.id)",
            [
                "name": .text(group.group.name), "devices": .count(devices), "policies": .count(policies),
                "rules": .count(rules),
            ], now)
        return .deleted(devices: devices, policies: policies, rules: rules, position: position)
    }

    private func fetchUse() throws(StoreError) -> GroupUse {
        func count(_ what: String, _ more: [SQLValue] = []) throws(StoreError) -> Int64 {
            try connection.fetchFirst("SELECT COUNT(*) FROM \(what)", [id] + more) { row throws(StoreError) in
                try row.int(0)
            } ?? 0
        }
        let path = try GroupRows(connection: connection).path(of: group.id)
        return GroupUse(
            groups: try count("device_group WHERE parent = $1"),
            devices: try count("device WHERE group_id = $1 AND deleted IS NULL"),
            policies: try count("policy WHERE group_id = $1"),
            rules: try count("device_rule WHERE group_id = $1"),
            tokens: try count("enrolment_token WHERE group_id = $1 AND revoked IS NULL AND expires > $2", [.time(now)]),
            packages: try count("installation_package WHERE group_id = $1 AND deleted IS NULL"),
            selections: try connection.fetchSelections().filter { names(path, $0.expression) }.map(\.name),
            profiles: try profiles(naming: path),
            isDefault: try DefaultGroup(connection: connection).fetch().group == group.id)
    }

    /// Of other groups' policies: its own go with it.
    private func profiles(naming path: GroupPath) throws(StoreError) -> [GroupUse.Profile] {
        try PolicyRows(connection: connection).fetch("WHERE group_id <> $1 ORDER BY name, id", [id]).flatMap { record in
            record.policy.content.profiles.filter { names(path, $0.condition) }.map {
                GroupUse.Profile(policy: record.policy.name, name: $0.name)
            }
        }
    }

    /// Whether it would follow the group, if that were renamed. Not one that this program does not understand.
    private func names(_ path: GroupPath, _ text: String) -> Bool {
        guard let expression = try? DeviceExpression(text) else { return false }
        // What would be too long then names it too.
        do { return try expression.following(path, to: path) != nil } catch { return true }
    }

    private func isSettled(_ use: GroupUse) -> Bool {
        use.groups == 0 && !use.isDefault && (use.devices == 0 || deletion.devices != .none)
            && (use.policies == 0 || deletion.policies) && (use.rules == 0 || deletion.rules)
            && (use.tokens + use.packages == 0 || deletion.targets)
            && (use.selections.count + use.profiles.count == 0 || deletion.expressions)
    }

    private func settleDevices() throws(StoreError) -> (devices: [DeviceID], position: Int64?) {
        let devices: [DeviceID] = try connection.fetchAll(
            "SELECT id FROM device WHERE group_id = $1 AND deleted IS NULL", [id]
        ) { row throws(StoreError) in try row.id(0) }
        var position: Int64?
        switch deletion.devices {
        case .none: break
        case .moveTo(let target):
            if target == group.id { throw .refused("Devices of a deleted group cannot stay in it.") }
            let writer = PlacementWriter(connection: connection, principal: principal, now: now)
            try writer.place(devices, .fixed(target), expectedRevision: nil, keepsApproval: true)
        case .delete:
            for device in devices {
                if case .changed(let last) = try connection.deleteDevice(device, principal: principal, now: now) {
                    position = last
                }
            }
        }
        // Those that were deleted before.
        try connection.run("UPDATE device SET group_id = NULL WHERE group_id = $1", [id])
        return (devices, position)
    }

    private func deletePolicies() throws(StoreError) -> [PolicyID] {
        let policies = try PolicyRows(connection: connection).fetch("WHERE group_id = $1 ORDER BY id", [id])
        let writer = PolicyWriter(connection: connection, principal: principal, now: now)
        for policy in policies { try writer.delete(policy) }
        return policies.map(\.id)
    }

    private func deleteRules() throws(StoreError) -> [RuleID] {
        let rows = RuleRows(connection: connection)
        let rules = try rows.fetchAll(.moving).filter { $0.rule.effect == .move(to: group.id) }.map(\.id)
        for rule in rules { try rows.delete(rule, of: .moving) }
        return rules
    }

    /// Of those that are over or deleted too.
    private func forgetTargets() throws(StoreError) {
        try connection.run("UPDATE enrolment_token SET group_id = NULL WHERE group_id = $1", [id])
        try connection.run(
            """
            UPDATE installation_package SET group_id = NULL,
                revision = CASE WHEN deleted IS NULL THEN revision + 1 ELSE revision END,
                changed = CASE WHEN deleted IS NULL THEN $2 ELSE changed END
            WHERE group_id = $1
            """, [id, .time(now)])
    }
}

extension ParameterValue {
    fileprivate static func count(_ list: [some Any]) -> Self { .integer(Int64(list.count)) }
}
