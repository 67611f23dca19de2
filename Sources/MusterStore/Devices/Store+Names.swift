package import MusterModel

// What lists show beside a record that refers to devices.
extension Store {
    /// How many applications are installed on each of these devices; those with none are left out.
    package func fetchInstalledCounts(of devices: [DeviceID]) async throws(StoreError) -> [DeviceID: Int64] {
        try await read { connection throws(StoreError) in
            try connection.fetch(
                for: devices, { "SELECT device, COUNT(*) FROM device_installed WHERE device IN \($0) GROUP BY device" }
            ) {
                row throws(StoreError) in try row.int(1)
            }
        }
    }

    /// The names of the API tokens among these; revoked ones too.
    package func fetchPrincipalNames(of principals: [AuditPrincipal]) async throws(StoreError) -> [AuditPrincipal: String] {
        let tokens = Set(principals.compactMap(\.apiToken))
        guard !tokens.isEmpty else { return [:] }
        let names = try await read { connection throws(StoreError) in try connection.fetchNames(of: tokens) }
        return principals.reduce(into: [:]) { found, principal in
            found[principal] = principal.apiToken.flatMap { names[$0] }
        }
    }

    /// The names of these devices. - Parameter isDeletedToo: also of those that were deleted.
    package func fetchDeviceNames(
        of devices: [DeviceID], isDeletedToo: Bool = true
    ) async throws(StoreError) -> [DeviceID: String] {
        let condition = isDeletedToo ? "" : " AND deleted IS NULL"
        return try await read { connection throws(StoreError) in
            try connection.fetch(for: devices, { "SELECT id, name FROM device WHERE id IN \($0)\(condition)" }) {
                row throws(StoreError) in try row.string(1)
            }
        }
    }
}

extension DatabaseConnection {
    /// Asks for many devices, at most 256 in a statement; the first column is the device.
    func fetch<Value>(
        for devices: [DeviceID], _ statement: (_ list: String) -> String, value: (any DatabaseRow) throws(StoreError) -> Value
    ) throws(StoreError) -> [DeviceID: Value] {
        var found: [DeviceID: Value] = [:]
        try RowList.forEachPiece(of: devices, limit: 256) { piece throws(StoreError) in
            try prepare(statement(RowList.list(piece.count, from: 1))).run(piece.map { .id($0) }) { row throws(StoreError) in
                found[try row.id(0)] = try value(row)
            }
        }
        return found
    }
}
