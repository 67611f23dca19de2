package import MusterModel

extension Store {
    /// What every device said of its managed applications, without the facts that only one device's page shows: what the server keeps in
    /// memory.
    package func fetchAllDeviceApplications() async throws(StoreError) -> [DeviceID: [ApplicationReport]] {
        try await read { connection throws(StoreError) in try ApplicationRows(connection: connection).fetchAll() }
    }

    /// By application.
    package func fetchDeviceApplications(of device: DeviceID) async throws(StoreError) -> [DeviceApplicationRecord] {
        try await read { connection throws(StoreError) in try ApplicationRows(connection: connection).fetch(of: device) }
    }
}
