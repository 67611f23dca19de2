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

    @Sendable func connection(_ call: APICall) async throws -> APIReply {
        let found = try await services.store.fetchConnectionSettings()
        return try reply(found.settings, revision: found.revision)
    }

    /// Devices try it before they use it, and go back by themselves.
    @Sendable func setConnection(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(SetConnectionSettings.self)
        let maximum = SetConnectionSettings.maximumServers
        guard wanted.servers.count <= maximum else {
            throw Problem.member("servers", "There are \(wanted.servers.count).", allowed: "0…\(maximum)")
        }
        var servers: [ServerAddress] = []
        for text in wanted.servers {
            guard let server = ServerAddress(text) else {
                throw Problem.member("servers", "'\(text.prefix(300))' is no address.", allowed: "HOST[:PORT]")
            }
            // Named twice it is tried once.
            if !servers.contains(server) { servers.append(server) }
        }
        let proxy = wanted.proxy.map { ProxyAddress($0) }
        if case .some(.none) = proxy {
            throw Problem.member("proxy", "It is no proxy.", allowed: "http://[USER[:PASSWORD]@]HOST[:PORT]")
        }
        let settings = ConnectionSettings(servers: servers, proxy: proxy ?? nil)
        guard settings != nil || wanted.proxy == nil else {
            throw Problem.member("servers", "A proxy goes with at least one server.")
        }
        let revision = try await services.store.setConnectionSettings(
            settings, expectedRevision: expected, principal: call.principal.audit, now: services.now())
        services.backend.connectionSettingsChanged(settings)
        return try reply(settings, revision: revision)
    }

    private func reply(_ settings: ConnectionSettings?, revision: Int64) throws -> APIReply {
        let entry = ConnectionSettingsEntry(
            servers: (settings?.servers ?? []).map(\.description), proxy: settings?.proxy?.description, revision: revision)
        return try .ok(entry, revision: revision)
    }

    private func reply(_ record: MusterStore.SyncIntervalSetting) throws -> APIReply {
        let entry = MusterAPI.SyncIntervalSetting(
            syncIntervalSeconds: record.interval.duration.components.seconds, revision: record.revision)
        return try .ok(entry, revision: entry.revision)
    }
}
