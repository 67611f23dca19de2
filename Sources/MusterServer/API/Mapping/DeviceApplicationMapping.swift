import MusterAPI
import MusterModel
import MusterSession
import MusterStore

extension APIServices {
    /// The managed applications of a device as it reported them last, with what became of their settings and their statistics.
    /// - Returns: nil when the device is not there.
    func applications(of device: DeviceID) async throws -> [DeviceApplicationEntry]? {
        guard let management = backend.management(of: device) else { return nil }
        let decisions = try await decisions(of: device, management)
        let statistics = backend.statistics(of: device)?.applications
        return try await store.fetchDeviceApplications(of: device).map { record in
            let application = record.report.application
            return DeviceApplicationEntry(
                record, management.deliveries[application], statistics?[application.description],
                title: management.manifests.first { $0.id == application }?.title, manifest: decisions[application]?.code)
        }
    }

    /// Of the manifests that the device has of applications that are not built in.
    private func decisions(of device: DeviceID, _ management: DeviceManagement) async throws -> [ApplicationID: ManifestDecision]
    {
        let others = management.reports.keys.filter { ApplicationManifest.builtIn($0) == nil }
        guard !others.isEmpty else { return [:] }
        let known = try await store.fetchManifestDecisions(of: device)
        return Dictionary(uniqueKeysWithValues: others.map { ($0, known[$0] ?? .none) })
    }
}
