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
        guard let entries = try await services.applications(of: id) else { throw Problem.notFound("device") }
        return try .ok(Page(items: entries, next: nil))
    }
}
