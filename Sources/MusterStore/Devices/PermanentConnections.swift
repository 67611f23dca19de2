import MusterModel

/// Ticks and unticks *Do not disconnect*, inside a transaction: the limit is decided where the box is ticked, so that it holds whoever ticks.
struct PermanentConnections {
    static let setting = "permanent-connections.limit"

    let connection: any DatabaseConnection
    let now: Timestamp

    func count() throws(StoreError) -> PermanentConnectionCount {
        let ticked = try connection.fetchFirst(
            "SELECT COUNT(*) FROM device WHERE permanent_since IS NOT NULL AND deleted IS NULL"
        ) { row throws(StoreError) in try row.int(0) }
        return PermanentConnectionCount(ticked: ticked ?? 0, limit: try limit().value)
    }

    func limit() throws(StoreError) -> (value: Int64, revision: Int64) {
        let found = try connection.fetchFirst(
            "SELECT value, revision FROM setting WHERE name = $1", [.text(Self.setting)]
        ) { row throws(StoreError) in (text: try row.string(0), revision: try row.int(1)) }
        guard let found else { return (PermanentConnectionLimit.standard, 0) }
        guard let value = Int64(found.text), PermanentConnectionLimit.allowed.contains(value) else {
            throw .damaged("The setting \(Self.setting) is '\(found.text)'.")
        }
        return (value, found.revision)
    }

    /// Ticks a device that is not ticked yet. Past the limit nothing changes but the event that says so.
    func tick(_ device: DeviceID, named name: String) throws(StoreError) -> PermanentConnectionOutcome {
        let before = try count()
        guard before.ticked < before.limit else {
            return .limitReached(before, position: try refuse(device, named: name, before))
        }
        try connection.run("UPDATE device SET permanent_since = $2 WHERE id = $1", [.id(device), .time(now)])
        let after = PermanentConnectionCount(ticked: before.ticked + 1, limit: before.limit)
        return .changed(after, position: try warnIfNew(before, after))
    }

    func untick(_ device: DeviceID) throws(StoreError) {
        try connection.run("UPDATE device SET permanent_since = NULL WHERE id = $1", [.id(device)])
    }

    private func refuse(
        _ device: DeviceID, named name: String, _ count: PermanentConnectionCount
    ) throws(StoreError) -> Int64 {
        try EventWriter(connection: connection).storeServerEvent(
            ServerEvent(
                device: device, type: EventType.permanentConnectionRefused, severity: .warning,
                text:
                    "The device \(name) gets no permanent connection: \(count.ticked) ticked, limit \(count.limit).",
                parameters: ["ticked": .integer(count.ticked), "limit": .integer(count.limit)]),
            now: now)
    }

    /// Said when nine tenths are passed, not with each further one.
    private func warnIfNew(
        _ before: PermanentConnectionCount, _ after: PermanentConnectionCount
    ) throws(StoreError) -> Int64? {
        guard after.isNearlyReached, !before.isNearlyReached else { return nil }
        return try EventWriter(connection: connection).storeServerEvent(
            ServerEvent(
                device: nil, type: EventType.permanentConnectionsNearlyUsedUp, severity: .warning,
                text: "Permanent connections: \(after.ticked) ticked, limit \(after.limit).",
                parameters: ["ticked": .integer(after.ticked), "limit": .integer(after.limit)]),
            now: now)
    }
}

/// How many devices are ticked, of how many.
package struct PermanentConnectionCount: Hashable, Sendable {
    package var ticked: Int64
    package var limit: Int64

    package init(ticked: Int64, limit: Int64) {
        self.ticked = ticked
        self.limit = limit
    }

    var isNearlyReached: Bool { PermanentConnectionLimit.isNearlyReached(ticked: ticked, limit: limit) }
}

package enum PermanentConnectionOutcome: Hashable, Sendable {
    /// With the position of the event that warns, when there is one.
    case changed(PermanentConnectionCount, position: Int64?)
    /// It was so already.
    case unchanged(PermanentConnectionCount)
    /// Nothing changed; the position is that of the event that says so.
    case limitReached(PermanentConnectionCount, position: Int64)
}
