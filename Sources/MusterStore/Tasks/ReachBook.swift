import MusterModel

/// Whom each account or token has reached within the last hour, inside a transaction.
struct ReachBook {
    let connection: any DatabaseConnection
    let principal: AuditPrincipal
    let now: Timestamp

    private var who: [SQLValue] { [.text(principal.kind), .text(principal.id)] }

    /// Counts these devices as reached; past the limit nothing is counted, but the refusal is in the audit trail.
    func claim(_ claim: ReachClaim, for what: String) throws(StoreError) -> ReachExcess? {
        guard case .devices(let limit) = claim.reach else { return nil }
        let devices = Set(claim.devices)
        let known = try fetch()
        let new = devices.subtracting(known.keys)
        guard Int64(known.count + new.count) <= limit || new.isEmpty else {
            let surplus = known.count + new.count - Int(clamping: limit)
            let times = known.values.sorted()
            let excess = ReachExcess(
                limit: limit, used: Int64(known.count), asked: Int64(new.count),
                frees: Int64(new.count) > limit ? nil : times.dropFirst(surplus - 1).first.map { $0 + DeviceReach.period })
            try connection.audit(
                principal, "refuse-reach", "reach", what,
                ["limit": .integer(limit), "used": .integer(excess.used), "asked": .integer(excess.asked)], now)
            return excess
        }
        try count(devices)
        return nil
    }

    private func fetch() throws(StoreError) -> [DeviceID: Timestamp] {
        let begin = now - DeviceReach.period
        try connection.run("DELETE FROM reach_use WHERE at <= $1", [.time(begin)])
        let rows = try connection.fetchAll(
            "SELECT device, at FROM reach_use WHERE principal_kind = $1 AND principal = $2", who
        ) { row throws(StoreError) -> (DeviceID, Timestamp) in (try row.id(0), try row.time(1)) }
        return Dictionary(rows) { first, _ in first }
    }

    private func count(_ devices: Set<DeviceID>) throws(StoreError) {
        try RowList.forEachPiece(of: Array(devices), limit: connection.rowsPerStatement) { piece throws(StoreError) in
            try connection.run(
                """
                INSERT INTO reach_use (principal_kind, principal, device, at)
                \(RowList.values(rows: piece.count, columns: 4, from: 1))
                ON CONFLICT (principal_kind, principal, device) DO UPDATE SET at = excluded.at
                """, piece.flatMap { who + [.id($0), .time(now)] })
        }
    }
}
