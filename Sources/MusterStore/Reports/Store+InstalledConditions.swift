package import MusterModel

extension Store {
    /// The devices that have what the condition asks for: one look into the index for each source that knows the name.
    package func fetchDevices(having condition: InstalledCondition) async throws(StoreError) -> Set<DeviceID> {
        try await read { connection throws(StoreError) in
            guard let comparison = condition.comparison else {
                return try connection.devices("i.name = $1", [.text(condition.name)])
            }
            let sources = try connection.fetchAll(
                "SELECT DISTINCT source FROM installed_item WHERE name = $1", [.text(condition.name)]
            ) { row throws(StoreError) in try row.string(0) }
            var found: Set<DeviceID> = []
            for source in sources {
                let key = VersionKey.make(source: source, version: comparison.version)
                found.formUnion(
                    try connection.devices(
                        "i.name = $1 AND i.source = $2 AND i.version_key \(comparison.operator.rawValue) $3",
                        [.text(condition.name), .text(source), .bytes(key)]))
            }
            return found
        }
    }
}

extension DatabaseConnection {
    fileprivate func devices(_ condition: String, _ values: [SQLValue]) throws(StoreError) -> Set<DeviceID> {
        Set(
            try fetchAll(
                "SELECT d.device FROM installed_item i JOIN device_installed d ON d.item = i.number WHERE \(condition)", values
            ) { row throws(StoreError) in try row.id(0) })
    }
}
