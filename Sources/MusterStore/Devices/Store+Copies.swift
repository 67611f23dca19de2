package import MusterModel

/// Machines that come with the identity of a device: what an administrator has to decide, and decided.
extension Store {
    /// Two are known to be there: written down and told, once.
    /// - Returns: the event's position; nil when it was known, or there is no such device.
    package func setCopied(_ device: DeviceID, telling event: ServerEvent, now: Timestamp) async throws(StoreError) -> Int64? {
        try await write { connection throws(StoreError) in
            let changed = try connection.run(
                "UPDATE device SET copied_since = $1 WHERE id = $2 AND copied_since IS NULL AND deleted IS NULL",
                [.time(now), .id(device)])
            guard changed > 0 else { return nil }
            return try EventWriter(connection: connection).storeServerEvent(event, now: now)
        }
    }

    /// Those that are refused enrol as devices of their own until then.
    /// - Returns: `unchanged` when no copies of it are known.
    package func splitCopies(
        of device: DeviceID, until end: Timestamp, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> ToldChange {
        try await write { connection throws(StoreError) in
            guard let found = try connection.copied(device) else { return .noDevice }
            guard found.isCopied else { return .unchanged }
            try connection.run("UPDATE device SET split_until = $1 WHERE id = $2", [.time(end), .id(device)])
            try connection.audit(principal, "split-copies", "device", "\(device)", ["until": .time(end)], now)
            return try connection.tell(
                ServerEvent(
                    device: device, type: EventType.deviceSplit, severity: .info,
                    text: "Copies of the device \(found.name) become devices of their own when they come next, until \(end).",
                    parameters: ["name": .text(found.name), "until": .time(end)]), now)
        }
    }

    /// It was one device: its runs and what was decided are forgotten.
    /// - Returns: `unchanged` when no copies of it are known.
    package func forgetCopies(
        of device: DeviceID, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> ToldChange {
        try await write { connection throws(StoreError) in
            guard let found = try connection.copied(device) else { return .noDevice }
            guard found.isCopied else { return .unchanged }
            try connection.run(
                "UPDATE device SET copied_since = NULL, split_until = NULL, runs = NULL, run_id = NULL WHERE id = $1",
                [.id(device)])
            try connection.audit(principal, "same-device", "device", "\(device)", [:], now)
            return try connection.tell(
                ServerEvent(
                    device: device, type: EventType.deviceSame, severity: .info,
                    text: "The device \(found.name) is one: the machine that comes next is it, and its copies are forgotten.",
                    parameters: ["name": .text(found.name)]), now)
        }
    }
}

extension DatabaseConnection {
    /// Nil when there is no such device.
    fileprivate func copied(_ device: DeviceID) throws(StoreError) -> (name: String, isCopied: Bool)? {
        try fetchFirst("SELECT name, copied_since FROM device WHERE id = $1 AND deleted IS NULL", [.id(device)]) {
            row throws(StoreError) in (try row.string(0), row.optionalTime(1) != nil)
        }
    }
}
