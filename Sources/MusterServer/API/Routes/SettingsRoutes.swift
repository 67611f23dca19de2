import MusterAPI
import MusterModel
import MusterStore

/// `settings/…`: short ways to what most want to set; the interval and the server's addresses are values in the Network Agent's policy of the root
/// group.
struct SettingsRoutes: Sendable {
    let services: APIServices

    @Sendable func syncInterval(_ call: APICall) async throws -> APIReply {
        try interval(policyForAll)
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
        return try self.interval(
            try await changePolicyForAll(NetworkAgentKey.syncInterval, expected, call) { $0.setInterval(interval) })
    }

    private var policyForAll: Policy? {
        services.backend.administration.policies(of: .networkAgent, in: .root).last?.policy
    }

    private func changePolicyForAll(
        _ what: String, _ expected: Int64?, _ call: APICall, _ edit: @escaping @Sendable (inout PolicyContent) -> Void
    ) async throws -> Policy {
        let record = try await services.store.editActivePolicy(
            of: .networkAgent, in: .root, new: (id: .random(), name: ApplicationManifest.networkAgent.title),
            expectedRevision: expected, change: "settings: \(what)", principal: call.principal.audit, now: services.now(), edit)
        try await services.backend.policyChanged(record.policy)
        return record.policy
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
        try connection(policyForAll)
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
        var password: SecretValue?
        if let text = settings?.proxy?.password, !text.isEmpty {
            password = services.backend.seal(text)
            guard password != nil else { throw Problem.internalError }
        }
        let sealed = password
        return try connection(
            try await changePolicyForAll(NetworkAgentKey.serverAddresses, expected, call) {
                $0.setConnection(settings, password: sealed)
            })
    }

    private func connection(_ policy: Policy?) throws -> APIReply {
        let settings = policy?.content.settings ?? [:]
        var servers: [String] = []
        if case .list(let texts) = settings[NetworkAgentKey.serverAddresses]?.value { servers = texts }
        var proxy: String?
        if case .text(let text) = settings[NetworkAgentKey.proxy]?.value { proxy = text }
        let revision = policy?.revision ?? 0
        return try .ok(ConnectionSettingsEntry(servers: servers, proxy: proxy, revision: revision), revision: revision)
    }

    private func interval(_ policy: Policy?) throws -> APIReply {
        var interval = SyncInterval.standard.duration
        if case .duration(let set) = policy?.content.settings[NetworkAgentKey.syncInterval]?.value { interval = set }
        let revision = policy?.revision ?? 0
        return try .ok(
            SyncIntervalSetting(syncIntervalSeconds: interval.components.seconds, revision: revision), revision: revision)
    }
}
