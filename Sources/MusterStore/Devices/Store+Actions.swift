package import MusterModel

extension Store {
    /// Orders an action for devices; those that are deleted or unknown are left out. A device that waits for one of the same kind shares it.
    /// - Parameter devices: nil: all there are.
    /// - Returns: the order, and the actions that are new.
    package func createActions(
        _ order: ActionOrderRecord, devices: [DeviceID]?, id: @escaping @Sendable () -> ActionID = { .random() }
    ) async throws(StoreError) -> (order: ActionOrderRecord, new: [ActionRecord]) {
        try await write { connection throws(StoreError) in
            try ActionWriter(connection: connection).create(order, devices: devices, id: id)
        }
    }

    package func fetchActionOrder(_ id: ActionOrderID) async throws(StoreError) -> ActionOrderRecord? {
        try await read { connection throws(StoreError) in try ActionReader(connection: connection).order(id) }
    }

    /// A page of an order's devices, by the action's id.
    package func fetchActions(
        of order: ActionOrderID, after cursor: ActionID?, limit: Int
    ) async throws(StoreError) -> [ActionRecord] {
        try await read { connection throws(StoreError) in
            try ActionReader(connection: connection).actions(
                "JOIN action_member m ON m.action = a.id WHERE m.action_order = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
                [.id(order), .bytes(cursor?.bytes ?? []), .count(limit)])
        }
    }

    /// The newest of a device.
    package func fetchActions(of device: DeviceID, limit: Int) async throws(StoreError) -> [ActionRecord] {
        try await read { connection throws(StoreError) in
            try ActionReader(connection: connection).actions(
                "WHERE a.device = $1 ORDER BY a.created DESC, a.id LIMIT $2", [.id(device), .count(limit)])
        }
    }

    /// All that have no end yet: what the server keeps in memory.
    package func fetchOpenActions() async throws(StoreError) -> [ActionRecord] {
        try await read { connection throws(StoreError) in
            try ActionReader(connection: connection).actions("WHERE a.progress <= 3 ORDER BY a.created, a.id", [])
        }
    }

    /// Writes down how devices were reached, and which actions were said, all in one transaction. One that has gone on meanwhile stays as
    /// it is.
    package func markActions(_ marks: [ActionMark]) async throws(StoreError) {
        guard !marks.isEmpty else { return }
        try await write { connection throws(StoreError) in
            try RowList.forEachPiece(of: marks, limit: connection.rowsPerStatement) { piece throws(StoreError) in
                try connection.run(Self.markStatement(rows: piece.count), piece.flatMap(\.values))
            }
        }
    }

    /// What a device said of an action.
    /// - Parameter mark: how it was reached, where that is not yet written down.
    /// - Returns: false when it is not that device's, or it had its end before.
    package func storeActionReport(
        _ id: ActionID, of device: DeviceID, progress: ActionProgress, code: String, text: String, mark: ActionMark? = nil,
        now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            let changed = try connection.run(
                """
                UPDATE action SET progress = $3, code = $4, text = $5, sent = COALESCE(sent, $7, $6),
                    route = COALESCE($8, route), connected_after = COALESCE($9, connected_after),
                    accepted = CASE WHEN $3 = 3 THEN COALESCE(accepted, $6) ELSE accepted END,
                    ended = CASE WHEN $3 > 3 THEN $6 ELSE ended END
                WHERE id = $1 AND device = $2 AND progress < $3 AND progress <= 3
                """,
                [
                    .id(id), .id(device), .integer(progress.rawValue), .text(code), .text(text), .time(now), .time(mark?.sent),
                    .text(mark?.reach.route.rawValue), .integer(mark?.reach.connectedAfter?.milliseconds),
                ])
            return changed > 0
        }
    }

    /// Ends what its devices have not accepted in time. - Returns: which.
    package func expireActions(now: Timestamp) async throws(StoreError) -> [ActionID] {
        try await write { connection throws(StoreError) in
            try connection.fetchAll(
                "UPDATE action SET progress = 6, ended = $1 WHERE progress <= 2 AND expires <= $1 RETURNING id", [.time(now)]
            ) { row throws(StoreError) in try row.id(0) }
        }
    }

    /// Cancels what devices have not begun; those that share it with another order go on for that one.
    /// - Returns: which were cancelled; nil when there is no such order.
    package func cancelActions(
        _ order: ActionOrderID, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> [ActionID]? {
        try await write { connection throws(StoreError) in
            guard try connection.exists("SELECT 1 FROM action_order WHERE id = $1", [.id(order)]) else { return nil }
            let ids: [ActionID] = try connection.fetchAll(
                """
                UPDATE action SET progress = 7, ended = $2 WHERE progress <= 2
                    AND id IN (SELECT action FROM action_member WHERE action_order = $1)
                    AND NOT EXISTS (SELECT 1 FROM action_member o WHERE o.action = action.id AND o.action_order <> $1)
                RETURNING id
                """, [.id(order), .time(now)]
            ) { row throws(StoreError) in try row.id(0) }
            try connection.audit(
                principal, "cancel-actions", "action-order", "\(order)", ["count": .integer(Int64(ids.count))], now)
            return ids
        }
    }

    /// Forgets orders that are over for so long, some at a time. - Returns: how many.
    package func deleteActions(before time: Timestamp, limit: Int) async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            let orders: [ActionOrderID] = try connection.fetchAll(
                """
                SELECT o.id FROM action_order o WHERE o.created < $1 AND NOT EXISTS (
                    SELECT 1 FROM action_member m JOIN action a ON a.id = m.action
                    WHERE m.action_order = o.id AND a.progress <= 3)
                ORDER BY o.created, o.id LIMIT $2
                """, [.time(time), .count(limit)]
            ) { row throws(StoreError) in try row.id(0) }
            for order in orders {
                let actions: [ActionID] = try connection.fetchAll(
                    """
                    SELECT m.action FROM action_member m WHERE m.action_order = $1 AND NOT EXISTS (
                        SELECT 1 FROM action_member x WHERE x.action = m.action AND x.action_order <> $1)
                    """, [.id(order)]
                ) { row throws(StoreError) in try row.id(0) }
                try connection.run("DELETE FROM action_member WHERE action_order = $1", [.id(order)])
                for action in actions { try connection.run("DELETE FROM action WHERE id = $1", [.id(action)]) }
                try connection.run("DELETE FROM action_order WHERE id = $1", [.id(order)])
            }
            return orders.count
        }
    }

    private static func markStatement(rows: Int) -> String {
        """
        WITH mark (which, at, how, after) AS (\(RowList.values(rows: rows, columns: 4, from: 1)))
        UPDATE action SET
            progress = CASE WHEN progress = 1 AND mark.at IS NOT NULL THEN 2 ELSE progress END,
            sent = COALESCE(sent, mark.at), route = mark.how, connected_after = COALESCE(mark.after, connected_after)
        FROM mark WHERE action.id = mark.which
        """
    }
}

extension ActionMark {
    fileprivate var values: [SQLValue] {
        [.id(id), .time(sent), .text(reach.route.rawValue), .integer(reach.connectedAfter?.milliseconds)]
    }
}

/// Creates orders, inside a transaction.
private struct ActionWriter {
    let connection: any DatabaseConnection

    func create(
        _ order: ActionOrderRecord, devices: [DeviceID]?, id: () -> ActionID
    ) throws(StoreError) -> (order: ActionOrderRecord, new: [ActionRecord]) {
        try connection.run(
            """
            INSERT INTO action_order (id, kind, created, expires, principal_kind, principal) VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                .id(order.id), .integer(Int64(order.kind.rawValue)), .time(order.created), .time(order.expires),
                .text(order.principal.kind), .text(order.principal.id),
            ])
        let targets = try fetchTargets(devices)
        let waiting = try fetchWaiting(order.kind)
        var new: [ActionRecord] = []
        var members: [ActionID] = []
        for target in targets {
            if let shared = waiting[target.id] {
                members.append(shared)
                continue
            }
            let record = ActionRecord(
                id: id(), device: target.id, deviceName: target.name, kind: order.kind, progress: .pending,
                created: order.created,
                expires: order.expires, code: "", text: "")
            members.append(record.id)
            new.append(record)
        }
        try insert(new)
        try join(members, to: order.id)
        var order = order
        order.counts = [.pending: Int64(members.count)]
        try connection.audit(
            order.principal, "order-action", "action-order", "\(order.id)",
            ["kind": .text(order.kind.code), "devices": .integer(Int64(members.count))], order.created)
        return (order, new)
    }

    private func fetchTargets(_ devices: [DeviceID]?) throws(StoreError) -> [(id: DeviceID, name: String)] {
        let read: (any DatabaseRow) throws(StoreError) -> (id: DeviceID, name: String) = { row throws(StoreError) in
            (id: try row.id(0), name: try row.string(1))
        }
        guard let devices else {
            return try connection.fetchAll("SELECT id, name FROM device WHERE deleted IS NULL ORDER BY name, id", [], read)
        }
        var seen: Set<DeviceID> = []
        var found: [(id: DeviceID, name: String)] = []
        for device in devices where seen.insert(device).inserted {
            let row = try connection.fetchFirst(
                "SELECT id, name FROM device WHERE id = $1 AND deleted IS NULL", [.id(device)], read)
            if let row { found.append(row) }
        }
        return found
    }

    private func fetchWaiting(_ kind: ActionKind) throws(StoreError) -> [DeviceID: ActionID] {
        let rows = try connection.fetchAll(
            "SELECT device, id FROM action WHERE kind = $1 AND progress <= 2", [.integer(Int64(kind.rawValue))]
        ) { row throws(StoreError) -> (DeviceID, ActionID) in (try row.id(0), try row.id(1)) }
        return Dictionary(rows) { first, _ in first }
    }

    private func insert(_ actions: [ActionRecord]) throws(StoreError) {
        try RowList.forEachPiece(of: actions, limit: connection.rowsPerStatement) { piece throws(StoreError) in
            try connection.run(
                """
                INSERT INTO action (id, device, kind, progress, created, expires, code, text)
                \(RowList.values(rows: piece.count, columns: 8, from: 1))
                """,
                piece.flatMap { action -> [SQLValue] in
                    [
                        .id(action.id), .id(action.device), .integer(Int64(action.kind.rawValue)),
                        .integer(action.progress.rawValue), .time(action.created), .time(action.expires), .text(action.code),
                        .text(action.text),
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
}

/// Reads orders and actions.
private struct ActionReader {
    let connection: any DatabaseConnection

    func order(_ id: ActionOrderID) throws(StoreError) -> ActionOrderRecord? {
        try connection.withSnapshot { () throws(StoreError) in
            let found = try connection.fetchFirst(
                "SELECT kind, created, expires, principal_kind, principal FROM action_order WHERE id = $1", [.id(id)]
            ) { row throws(StoreError) in
                ActionOrderRecord(
                    id: id, kind: try kind(try row.int(0)), created: try row.time(1), expires: try row.time(2),
                    principal: AuditPrincipal(kind: try row.string(3), id: try row.string(4)))
            }
            guard var order = found else { return nil }
            let counts = try connection.fetchAll(
                """
                SELECT a.progress, COUNT(*) FROM action_member m JOIN action a ON a.id = m.action
                WHERE m.action_order = $1 GROUP BY a.progress
                """, [.id(id)]
            ) { row throws(StoreError) -> (ActionProgress, Int64) in (try progress(try row.int(0)), try row.int(1)) }
            order.counts = Dictionary(counts) { first, _ in first }
            return order
        }
    }

    func actions(_ rest: String, _ values: [SQLValue]) throws(StoreError) -> [ActionRecord] {
        let columns = [
            "id", "device", "kind", "progress", "route", "connected_after", "created", "expires", "sent", "accepted", "ended",
            "code", "text",
        ].map { "a.\($0)" }.joined(separator: ", ")
        return try connection.fetchAll(
            "SELECT \(columns), (SELECT d.name FROM device d WHERE d.id = a.device) FROM action a \(rest)", values
        ) { row throws(StoreError) in
            let route = row.text(at: 4).flatMap(ActionRoute.init(rawValue:))
            let after = row.integer(at: 5).map { Duration.milliseconds($0) }
            return ActionRecord(
                id: try row.id(0), device: try row.id(1), deviceName: row.text(at: 13) ?? "", kind: try kind(try row.int(2)),
                progress: try progress(try row.int(3)), reach: route.map { ActionReach($0, connectedAfter: after) },
                created: try row.time(6), expires: try row.time(7), sent: row.optionalTime(8), accepted: row.optionalTime(9),
                ended: row.optionalTime(10), code: try row.string(11), text: try row.string(12))
        }
    }

    private func kind(_ number: Int64) throws(StoreError) -> ActionKind {
        guard let kind = UInt32(exactly: number).flatMap(ActionKind.init(rawValue:)) else {
            throw .damaged("An action is of the kind \(number).")
        }
        return kind
    }

    private func progress(_ number: Int64) throws(StoreError) -> ActionProgress {
        guard let progress = ActionProgress(rawValue: number) else { throw .damaged("An action is at \(number).") }
        return progress
    }
}
