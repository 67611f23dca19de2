import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore

/// `devices/{id}/settings` and `devices/{id}/applications`.
struct DeviceSettingRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        return try reply(id, application: call.query["application"])
    }

    private func reply(_ id: DeviceID, application: String?) throws -> APIReply {
        guard let management = services.backend.management(of: id) else { throw Problem.notFound("device") }
        let administration = services.backend.administration
        let manifests = management.manifests.filter { manifest in application.map { manifest.id.description == $0 } ?? true }
        let entries = manifests.flatMap { manifest in
            manifest.settings.map { declaration in
                DeviceSettingEntry(
                    manifest.id, declaration, management.effective[manifest.id]?.settings[declaration.key],
                    management.reports[manifest.id], administration)
            }
        }
        return try .ok(Page(items: entries, next: nil))
    }

    @Sendable func change(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        let expected = try call.expectedRevision()
        let wanted = try await call.body(ChangeDeviceSettings.self)
        let backend = services.backend
        let manifest = try backend.administration.catalogue.manifest(named: wanted.application)
        let reading = PolicyReading(manifest: manifest, seal: { backend.seal($0) })
        let kept = wanted.settings.compactMapValues { $0.map { PolicySetting(value: $0) } }
        var changes: [String: ManagedValue?] = try reading.settings(kept, member: "settings", old: [:]).mapValues(\.value)
        for (key, value) in wanted.settings where value == nil { changes.updateValue(nil, forKey: key) }
        _ = try await services.store.setDeviceValues(
            of: id, manifest.id, changes, expectedRevision: expected, principal: call.principal.audit, now: services.now())
        try await backend.devicesEdited([id])
        return try reply(id, application: wanted.application)
    }

    @Sendable func applications(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        guard let management = services.backend.management(of: id) else { throw Problem.notFound("device") }
        let decisions = try await decisions(of: management)
        let entries = try await services.store.fetchDeviceApplications(of: id).map { record in
            let application = record.report.application
            let title = management.manifests.first { $0.id == application }?.title
            return DeviceApplicationEntry(
                record, management.deliveries[application], title: title, manifest: decisions[application]?.code)
        }
        return try .ok(Page(items: entries, next: nil))
    }

    /// Of the manifests that the device has of applications that are not built in.
    private func decisions(of management: DeviceManagement) async throws -> [ApplicationID: ManifestDecision] {
        let others = management.reports.keys.filter { ApplicationManifest.builtIn($0) == nil }
        guard !others.isEmpty else { return [:] }
        let known = try await services.store.fetchManifests()
        return Dictionary(
            uniqueKeysWithValues: others.map { application in
                let digest = management.digests[application]
                return (application, known.first { $0.digest == digest && $0.application == application }?.decision ?? .none)
            })
    }
}
