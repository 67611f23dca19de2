package import MusterModel

extension Store {
    /// Of one device, of all applications.
    package static let maximumDeviceValues = 1_000

    /// Sets values for one device alone, or takes them back. Whether the application takes them is checked by who takes them in; all there are
    /// come with the device (`DeviceRecord.values`).
    /// - Parameters:
    ///   - changes: by key; nil takes it back.
    ///   - expectedRevision: when given, the device's revision as the caller saw it.
    /// - Throws: `notFound`; `conflict` when the revision is another; `refused` past the limits.
    /// - Returns: the device's new revision.
    package func setDeviceValues(
        of device: DeviceID, _ application: ApplicationID, _ changes: [String: ManagedValue?], expectedRevision: Int64?,
        principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Int64 {
        try await write { connection throws(StoreError) in
            try DeviceValueChange(
                connection: connection, device: device, application: application, changes: changes,
                expectedRevision: expectedRevision
            ).run(principal, now)
        }
    }
}

/// One change of a device's values, inside its transaction.
private struct DeviceValueChange {
    private static let keyBytes = 1...64

    let connection: any DatabaseConnection
    let device: DeviceID
    let application: ApplicationID
    let changes: [String: ManagedValue?]
    let expectedRevision: Int64?

    func run(_ principal: AuditPrincipal, _ now: Timestamp) throws(StoreError) -> Int64 {
        let found = try connection.fetchFirst(
            "SELECT name, revision FROM device WHERE id = $1 AND deleted IS NULL", [.id(device)]
        ) { row throws(StoreError) in (name: try row.string(0), revision: try row.int(1)) }
        guard let found else { throw .notFound("device") }
        try StoreError.check(revision: found.revision, expected: expectedRevision)
        let rows = DeviceValueRows(connection: connection, device: device)
        let old = try rows.fetch()
        let changed = changes.filter { old[application]?[$0.key] != $0.value }
        guard !changed.isEmpty else { return found.revision }
        try write(changed, rows)
        let count = try rows.fetch().values.reduce(0) { $0 + $1.count }
        guard count <= Store.maximumDeviceValues || changed.values.allSatisfy({ $0 == nil }) else {
            throw .refused("\(found.name) would have \(count) values of its own; it may have \(Store.maximumDeviceValues).")
        }
        try connection.run("UPDATE device SET revision = revision + 1 WHERE id = $1", [.id(device)])
        try connection.audit(
            principal, "set-device-values", "device", "\(device)", details(changed, name: found.name), now)
        return found.revision + 1
    }

    private func write(_ changed: [String: ManagedValue?], _ rows: DeviceValueRows) throws(StoreError) {
        for (key, value) in changed {
            guard Self.keyBytes.contains(key.utf8.count) else {
                throw .refused("The key of a setting has 1 to \(Self.keyBytes.upperBound) bytes.")
            }
            if let value {
                try rows.put(value, for: key, of: application)
            } else {
                try rows.remove(key, of: application)
            }
        }
    }

    /// A secret shows as dots.
    private func details(_ changed: [String: ManagedValue?], name: String) -> Parameters {
        let keys = changed.keys.sorted()
        let set = keys.compactMap { key in (changed[key] ?? nil).map { "\(key) = \($0)" } }
        let unset = keys.filter { (changed[$0] ?? nil) == nil }
        return [
            "name": .text(name), "application": .text(application.description),
            "set": .text(BoundedText.cut(set.joined(separator: "; "), to: BoundedText.sentence)),
            "unset": .text(BoundedText.cut(unset.joined(separator: ", "), to: BoundedText.sentence)),
        ]
    }
}
