import MusterModel
import MusterStore

extension Administration {
    /// As the database has it.
    init(_ store: Store) async throws {
        let rules = try await store.fetchRules(.tag) + store.fetchRules(.moving)
        self.init(
            groups: try await store.fetchGroups().map(\.group), defaultGroup: try await store.fetchDefaultGroup().group,
            rules: rules.map(\.rule), policies: try await store.fetchPolicies().map(\.policy),
            tasks: try await store.fetchTasks().map(\.task), selections: try await store.fetchSelectionTexts(),
            catalogue: try await ApplicationCatalogue(store))
    }
}

extension ApplicationCatalogue {
    /// As the database has it. A manifest that this version cannot read any more is left out.
    init(_ store: Store) async throws {
        self.init(
            accepted: try await store.fetchAcceptedManifests().compactMap { record in
                guard let external = try? ExternalManifest(json: record.body) else { return nil }
                return Accepted(digest: record.digest, manifest: external.manifest)
            })
    }
}

extension Store {
    /// Connection settings of before there were policies: their proxy's password becomes a secret of the policy that has the rest.
    func sealLegacySettings(_ box: SecretBox, now: Timestamp) async throws {
        guard let settings = try await fetchLegacyConnectionSettings() else { return }
        if let password = settings.proxy?.password, !password.isEmpty, let sealed = box.seal(password) {
            _ = try await editActivePolicy(
                of: .networkAgent, in: .root, new: (id: .random(), name: ApplicationManifest.networkAgent.title),
                expectedRevision: nil, change: "settings: \(NetworkAgentKey.proxyPassword)", principal: .system, now: now
            ) { $0.settings[NetworkAgentKey.proxyPassword] = ManagedSetting(.secret(sealed)) }
        }
        try await forgetLegacyConnectionSettings()
    }

    func fetchSelectionTexts() async throws(StoreError) -> [SelectionID: String] {
        Dictionary(try await fetchSelections().map { ($0.id, $0.expression) }) { first, _ in first }
    }

    /// Which devices have what each of these conditions asks for.
    func devices(holding conditions: Set<InstalledCondition>) async throws -> [InstalledCondition: Set<DeviceID>] {
        var found: [InstalledCondition: Set<DeviceID>] = [:]
        for condition in conditions { found[condition] = try await fetchDevices(having: condition) }
        return found
    }
}
