package import MusterModel

/// Creates orders, inside a transaction.
struct ActionWriter {
    let connection: any DatabaseConnection

    func create(
        _ order: ActionOrderRecord, devices: [DeviceID]?, id: () -> ActionID
    ) throws(StoreError) -> CreatedActions {
        try connection.run(
            """
            INSERT INTO action_order (id, kind, created, expires, principal_kind, principal, subject)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .id(order.id), .integer(Int64(order.kind.rawValue)), .time(order.created), .time(order.expires),
                .text(order.principal.kind), .text(order.principal.id), .text(order.subject.description),
            ])
        let targets = try fetchTargets(devices)
        let waiting = try fetchWaiting(order.kind, order.subject)
        var new: [ActionRecord] = []
        var shared: [ActionID] = []
        for target in targets {
            if let action = waiting[target.id] {
                shared.append(action)
                continue
            }
            var record = ActionRecord(
                id: id(), device: target.id, deviceName: target.name, kind: order.kind, subject: order.subject,
                progress: .pending,
                created: order.created, expires: order.expires, code: "", text: "")
            // It will not come.
            if target.isRevoked { (record.progress, record.ended, record.code) = (.failed, order.created, "deviceRevoked") }
            new.append(record)
        }
        try insert(new)
        try RunRows(connection: connection).insert(new, of: order)
        let members = shared + new.map(\.id)
        try join(members, to: order.id)
        if !shared.isEmpty { try extend(to: order) }
        var order = order
        order.counts = Dictionary(new.map { ($0.progress, 1) }, uniquingKeysWith: +)
        if !shared.isEmpty { order.counts[.pending, default: 0] += Int64(shared.count) }
        try connection.audit(
            order.principal, "order-action", "action-order", "\(order.id)",
            order.auditDetails(devices: members.count), order.created)
        return CreatedActions(order: order, new: new.filter { !$0.progress.isFinal }, shared: shared)
    }

    private struct Target {
        let id: DeviceID
        let name: String
        let isRevoked: Bool
    }

    private func fetchTargets(_ devices: [DeviceID]?) throws(StoreError) -> [Target] {
        let read: (any DatabaseRow) throws(StoreError) -> Target = { row throws(StoreError) in
            Target(id: try row.id(0), name: try row.string(1), isRevoked: row.integer(at: 2) == nil)
        }
        let columns = "id, name, (SELECT MAX(c.generation) FROM certificate c WHERE c.device = device.id AND c.revoked = 0)"
        guard let devices else {
            return try connection.fetchAll("SELECT \(columns) FROM device WHERE deleted IS NULL ORDER BY name, id", [], read)
        }
        var seen: Set<DeviceID> = []
        var found: [Target] = []
        for device in devices where seen.insert(device).inserted {
            let row = try connection.fetchFirst(
                "SELECT \(columns) FROM device WHERE id = $1 AND deleted IS NULL", [.id(device)], read)
            if let row { found.append(row) }
        }
        return found
    }

    private func fetchWaiting(
        _ kind: ActionKind, _ subject: ActionSubject
    ) throws(StoreError) -> [DeviceID: ActionID] {
        let rows = try connection.fetchAll(
            "SELECT device, id FROM action WHERE kind = $1 AND subject = $2 AND progress <= 2",
            [.integer(Int64(kind.rawValue)), .text(subject.description)]
        ) { row throws(StoreError) -> (DeviceID, ActionID) in (try row.id(0), try row.id(1)) }
        return Dictionary(rows) { first, _ in first }
    }

    private func insert(_ actions: [ActionRecord]) throws(StoreError) {
        try RowList.forEachPiece(of: actions, limit: connection.rowsPerStatement) { piece throws(StoreError) in
            try connection.run(
                """
                INSERT INTO action (id, device, kind, progress, created, expires, ended, code, text, subject)
                \(RowList.values(rows: piece.count, columns: 10, from: 1))
                """,
                piece.flatMap { action -> [SQLValue] in
                    [
                        .id(action.id), .id(action.device), .integer(Int64(action.kind.rawValue)),
                        .integer(action.progress.rawValue), .time(action.created), .time(action.expires), .time(action.ended),
                        .text(action.code), .text(action.text), .text(action.subject.description),
                    ]
                })
        }
    }

    private func join(_ actions: [ActionID], to order: ActionOrderID) throws(StoreError) {
        try RowList.forEachPiece(of: actions, limit: connection.rowsPerStatement) { piece throws(StoreError) in
            try connection.run(
                "INSERT INTO action_member (action_order, action) \(RowList.values(rows: piece.count, columns: 2, from: 1))",
                piece.flatMap { [.id(order), .id($0)] })
        }
    }

    /// They wait as long as the longest order, and how they are reached is to be seen anew.
    private func extend(to order: ActionOrderRecord) throws(StoreError) {
        try connection.run(
            """
            UPDATE action SET expires = CASE WHEN expires < $2 THEN $2 ELSE expires END,
                route = CASE WHEN progress = 1 THEN NULL ELSE route END
            WHERE progress <= 2 AND id IN (SELECT action FROM action_member WHERE action_order = $1)
            """, [.id(order.id), .time(order.expires)])
    }
}

extension ActionOrderRecord {
    fileprivate func auditDetails(devices: Int) -> Parameters {
        var details: Parameters = ["kind": .text(kind.code), "devices": .integer(Int64(devices))]
        switch subject {
        case .none: break
        case .task(let task, let revision):
            details["task"] = .text("\(task)")
            details["revision"] = .integer(revision)
        case .run(let run): details["run"] = .text("\(run)")
        }
        return details
    }
}

/// What an order made.
package struct CreatedActions: Hashable, Sendable {
    package var order: ActionOrderRecord
    package var new: [ActionRecord]
    /// There before, for another order.
    package var shared: [ActionID]
}
