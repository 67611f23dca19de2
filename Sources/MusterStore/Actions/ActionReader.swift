import MusterModel

/// Reads orders and actions.
struct ActionReader {
    let connection: any DatabaseConnection

    func order(_ id: ActionOrderID, now: Timestamp) throws(StoreError) -> ActionOrderRecord? {
        try fetchOrders("WHERE id = $1", [.id(id)], now: now).first
    }

    func orders(
        before cursor: CreationCursor<ActionOrderEntity>?, limit: Int, now: Timestamp
    ) throws(StoreError) -> [ActionOrderRecord] {
        let order = "ORDER BY created DESC, id DESC LIMIT"
        guard let cursor else { return try fetchOrders("\(order) $1", [.count(limit)], now: now) }
        return try fetchOrders(
            "WHERE (created, id) < ($1, $2) \(order) $3", [.time(cursor.created), .id(cursor.id), .count(limit)], now: now)
    }

    private func fetchOrders(_ rest: String, _ values: [SQLValue], now: Timestamp) throws(StoreError) -> [ActionOrderRecord] {
        try connection.withSnapshot { () throws(StoreError) in
            var orders = try connection.fetchAll(
                "SELECT id, kind, created, expires, principal_kind, principal, cancelled, subject FROM action_order \(rest)",
                values
            ) { row throws(StoreError) in
                var order = ActionOrderRecord(
                    id: try row.id(0), kind: try kind(try row.int(1)), subject: try subject(row, 7), created: try row.time(2),
                    expires: try row.time(3),
                    principal: AuditPrincipal(kind: try row.string(4), id: try row.string(5)))
                order.cancelled = row.optionalTime(6)
                return order
            }
            for index in orders.indices { orders[index].counts = try counts(of: orders[index], now: now) }
            return orders
        }
    }

    /// As `ActionRecord.seen(by:now:)` has them.
    private func counts(of order: ActionOrderRecord, now: Timestamp) throws(StoreError) -> [ActionProgress: Int64] {
        let counts = try connection.fetchAll(
            """
            SELECT a.progress, COUNT(*) FROM action_member m JOIN action a ON a.id = m.action
            WHERE m.action_order = $1 GROUP BY a.progress
            """, [.id(order.id)]
        ) { row throws(StoreError) -> (ActionProgress, Int64) in
            (order.progress(of: try progress(try row.int(0)), now: now), try row.int(1))
        }
        return Dictionary(counts, uniquingKeysWith: +)
    }

    func actions(_ rest: String, _ values: [SQLValue]) throws(StoreError) -> [ActionRecord] {
        let columns = [
            "id", "device", "kind", "progress", "route", "connected_after", "created", "expires", "sent", "accepted", "ended",
            "code", "text", "subject",
        ].map { "a.\($0)" }.joined(separator: ", ")
        return try connection.fetchAll(
            "SELECT \(columns), (SELECT d.name FROM device d WHERE d.id = a.device) FROM action a \(rest)", values
        ) { row throws(StoreError) in
            let route = row.text(at: 4).flatMap(ActionRoute.init(rawValue:))
            let after = row.integer(at: 5).map { Duration.milliseconds($0) }
            return ActionRecord(
                id: try row.id(0), device: try row.id(1), deviceName: row.text(at: 14) ?? "", kind: try kind(try row.int(2)),
                subject: try subject(row, 13),
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

    private func subject(_ row: any DatabaseRow, _ column: Int) throws(StoreError) -> ActionSubject {
        let text = try row.string(column)
        guard let subject = ActionSubject(text) else { throw .damaged("An action is about '\(text)'.") }
        return subject
    }

    private func progress(_ number: Int64) throws(StoreError) -> ActionProgress {
        guard let progress = ActionProgress(rawValue: number) else { throw .damaged("An action is at \(number).") }
        return progress
    }
}
