package import MusterModel

extension Store {
    /// Orders an action for devices; those that are deleted or unknown are left out. A device that waits for one of the same kind shares it.
    /// - Parameter devices: nil: all there are.
    /// - Returns: the order, the actions that are new, and those that were there and wait for this order too.
    package func createActions(
        _ order: ActionOrderRecord, devices: [DeviceID]?, id: @escaping @Sendable () -> ActionID = { .random() }
    ) async throws(StoreError) -> CreatedActions {
        try await write { connection throws(StoreError) in
            try ActionWriter(connection: connection).create(order, devices: devices, id: id)
        }
    }

    package func fetchActionOrder(_ id: ActionOrderID, now: Timestamp) async throws(StoreError) -> ActionOrderRecord? {
        try await read { connection throws(StoreError) in try ActionReader(connection: connection).order(id, now: now) }
    }

    /// A page of them, the newest first.
    package func fetchActionOrders(
        before cursor: CreationCursor<ActionOrderEntity>?, limit: Int, now: Timestamp
    ) async throws(StoreError) -> [ActionOrderRecord] {
        try await read { connection throws(StoreError) in
            try ActionReader(connection: connection).orders(before: cursor, limit: limit, now: now)
        }
    }

    /// A page of an order's devices, by the action's id, as far as they are for this order.
    package func fetchActions(
        of order: ActionOrderRecord, after cursor: ActionID?, limit: Int, now: Timestamp
    ) async throws(StoreError) -> [ActionRecord] {
        try await read { connection throws(StoreError) in
            try ActionReader(connection: connection).actions(
                "JOIN action_member m ON m.action = a.id WHERE m.action_order = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
                [.id(order.id), .bytes(cursor?.bytes ?? []), .count(limit)])
        }.map { $0.seen(by: order, now: now) }
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
            if changed > 0 {
                try RunRows(connection: connection).actionReported(id, progress, code: code, text: text, now: now)
            }
            return changed > 0
        }
    }

    /// Ends what its devices have not accepted in time. - Returns: which.
    package func expireActions(now: Timestamp) async throws(StoreError) -> [ActionID] {
        try await write { connection throws(StoreError) in
            let expired = try connection.fetchAll(
                "UPDATE action SET progress = 6, ended = $1 WHERE progress <= 2 AND expires <= $1 RETURNING id, kind",
                [.time(now)]
            ) { row throws(StoreError) -> (id: ActionID, kind: Int64) in (try row.id(0), try row.int(1)) }
            let runs = expired.filter { $0.kind == Int64(ActionKind.runTask.rawValue) }.map(\.id)
            try RunRows(connection: connection).endWaiting(runs, as: .expired, now: now)
            return expired.map(\.id)
        }
    }

    /// Cancels what devices have not begun; those that share it with another order go on for that one.
    /// - Returns: which were cancelled; nil when there is no such order.
    package func cancelActions(
        _ order: ActionOrderID, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> [ActionID]? {
        try await write { connection throws(StoreError) in
            guard try connection.exists("SELECT 1 FROM action_order WHERE id = $1", [.id(order)]) else { return nil }
            try connection.run(
                "UPDATE action_order SET cancelled = $2 WHERE id = $1 AND cancelled IS NULL", [.id(order), .time(now)])
            let ids: [ActionID] = try connection.fetchAll(
                """
                UPDATE action SET progress = 7, ended = $2 WHERE progress <= 2
                    AND id IN (SELECT action FROM action_member WHERE action_order = $1)
                    AND NOT EXISTS (SELECT 1 \(Self.livingOrders))
                RETURNING id
                """, [.id(order), .time(now)]
            ) { row throws(StoreError) in try row.id(0) }
            try RunRows(connection: connection).endWaiting(ids, as: .cancelled, now: now)
            // The others go on, for as long as the orders that are left let them.
            try connection.run(
                """
                UPDATE action SET expires = (SELECT MAX(o.expires) \(Self.livingOrders)) WHERE progress <= 2
                    AND id IN (SELECT action FROM action_member WHERE action_order = $1)
                """, [.id(order), .time(now)])
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

    /// That want the action of the statement around it; $2 is now.
    private static let livingOrders = """
        FROM action_member m JOIN action_order o ON o.id = m.action_order
        WHERE m.action = action.id AND o.cancelled IS NULL AND o.expires > $2
        """

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
