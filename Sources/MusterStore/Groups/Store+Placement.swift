package import MusterModel

/// Where devices are, and their tags. For one device or many at once; those that are deleted or unknown are left out. Each that changes
/// has a new revision and a row in the audit trail.
extension Store {
    /// One that waits for approval has it with this.
    /// - Parameter expectedRevision: when given, the revision the caller saw of each.
    /// - Throws: `conflict` when a revision is another; `refused` when there is no such group.
    package func setPlacement(
        of devices: [DeviceID], to placement: Placement, expectedRevision: Int64? = nil, principal: AuditPrincipal,
        now: Timestamp
    ) async throws(StoreError) -> EditedDevices {
        try await write(isLarge: devices.count >= 100) { connection throws(StoreError) in
            try PlacementWriter(connection: connection, principal: principal, now: now).place(
                devices, placement, expectedRevision: expectedRevision)
        }
    }

    /// They come where their token wanted them, or are placed automatically. Once more changes nothing.
    /// - Throws: `conflict` when a revision is another.
    package func approveDevices(
        _ devices: [DeviceID], expectedRevision: Int64? = nil, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> EditedDevices {
        try await write(isLarge: devices.count >= 100) { connection throws(StoreError) in
            try PlacementWriter(connection: connection, principal: principal, now: now).approve(
                devices, expectedRevision: expectedRevision)
        }
    }

    /// Tags by hand. What is both added and removed is added.
    /// - Throws: `conflict` when a revision is another; `refused` for what is no tag, and when a device would have too many.
    package func changeTags(
        of devices: [DeviceID], adding: Set<String> = [], removing: Set<String> = [], expectedRevision: Int64? = nil,
        principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> EditedDevices {
        try await write(isLarge: devices.count >= 100) { connection throws(StoreError) in
            try PlacementWriter(connection: connection, principal: principal, now: now).changeTags(
                of: devices, adding: adding, removing: removing, expectedRevision: expectedRevision)
        }
    }
}
