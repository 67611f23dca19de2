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
    /// - Returns: false when there is no such device, or no copies of it are known.
    package func splitCopies(
        of device: DeviceID, until end: Timestamp, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            let changed = try connection.run(
                "UPDATE device SET split_until = $1 WHERE id = $2 AND copied_since IS NOT NULL AND deleted IS NULL",
                [.time(end), .id(device)])
            guard changed > 0 else { return false }
            try connection.audit(principal, "split-copies", "device", "\(device)", ["until": .time(end)], now)
            return true
        }
    }

    /// It was one device: its runs and what was decided are forgotten. - Returns: false when there is no such device.
    package func forgetCopies(
        of device: DeviceID, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            let changed = try connection.run(
                """
                UPDATE device SET copied_since = NULL, split_until = NULL, runs = NULL, run_id = NULL
                WHERE id = $1 AND deleted IS NULL
                """, [.id(device)])
            guard changed > 0 else { return false }
            try connection.audit(principal, "same-device", "device", "\(device)", [:], now)
            return true
        }
    }
}
