import MusterAPI
import MusterModel
import MusterStore

/// `settings/…`: for all devices, until policies exist.
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

    @Sendable func permanentConnectionLimit(_ call: APICall) async throws -> APIReply {
        let found = try await services.store.fetchPermanentConnectionLimit()
        return try .ok(
            PermanentConnectionLimitSetting(limit: found.value, revision: found.revision), revision: found.revision)
    }

    @Sendable func setPermanentConnectionLimit(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(SetPermanentConnectionLimit.self)
        let allowed = PermanentConnectionLimit.allowed
        guard allowed.contains(wanted.limit) else {
            throw Problem.member(
                "limit", "\(wanted.limit) is not allowed.", allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
        }
        let revision = try await services.store.setPermanentConnectionLimit(
            wanted.limit, expectedRevision: expected, principal: call.principal.audit, now: services.now())
        return try .ok(PermanentConnectionLimitSetting(limit: wanted.limit, revision: revision), revision: revision)
    }

    private func reply(_ record: MusterStore.SyncIntervalSetting) throws -> APIReply {
        let entry = MusterAPI.SyncIntervalSetting(
            syncIntervalSeconds: record.interval.duration.components.seconds, revision: record.revision)
        return try .ok(entry, revision: entry.revision)
    }
}
