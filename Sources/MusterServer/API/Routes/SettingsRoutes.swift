import MusterAPI
import MusterModel
import MusterStore

/// `settings/sync-interval`: for all devices, until policies exist.
struct SettingsRoutes: Sendable {
    let services: APIServices

    @Sendable func syncInterval(_ call: APICall) async throws -> APIReply {
        try reply(try await services.store.fetchSyncInterval())
    }

    @Sendable func setSyncInterval(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(SetSyncInterval.self)
        let allowed = SetSyncInterval.allowedSeconds
        // Checked before the conversion to Duration, which has its own bounds.
        guard allowed.contains(wanted.syncIntervalSeconds),
            let interval = SyncInterval(checking: .seconds(wanted.syncIntervalSeconds))
        else {
            throw Problem.member(
                "syncIntervalSeconds", "\(wanted.syncIntervalSeconds) s is not between 1 minute and 24 hours.",
                allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
        }
        let stored = try await services.store.setSyncInterval(
            interval, expectedRevision: expected, principal: call.principal.audit, now: services.now())
        services.backend.syncIntervalChanged(interval.duration)
        return try reply(stored)
    }

    private func reply(_ record: MusterStore.SyncIntervalSetting) throws -> APIReply {
        let entry = MusterAPI.SyncIntervalSetting(
            syncIntervalSeconds: record.interval.duration.components.seconds, revision: record.revision)
        return try .ok(entry, revision: entry.revision)
    }
}
