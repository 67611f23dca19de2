import MusterAPI
import MusterModel
import MusterWire
import Synchronization

/// What policies do to devices, as far as it is known here.
extension DeviceDirectory {
    /// - Parameter installed: which devices have what its profiles ask of inventories that was not asked before.
    /// - Returns: what follows for devices of its group and those below, and of the group it had before.
    func policyChanged(_ policy: Policy, installed: [InstalledCondition: Set<DeviceID>], now: Timestamp) -> Consequences {
        state.withLock { state in
            for (condition, having) in installed {
                for id in having { state.devices[id]?.known.installed.insert(condition) }
            }
        }
        return administrationChanged(now: now, affected: { $0.reach(of: policy.id) }) { $0.set(policy) }
    }

    func policyRemoved(_ id: PolicyID, now: Timestamp) -> Consequences {
        administrationChanged(now: now, affected: { $0.reach(of: id) }) { $0.remove(id) }
    }

    /// Looks at the devices of the policy's groups, and changes nothing.
    func dryRun(_ policy: Policy, now: Timestamp) -> PolicyDryRun {
        var (ids, other) = state.withLock { state in
            // Without devices: what is asked of it is said of an entry.
            var other = state
            (other.devices, other.certificates) = ([:], [:])
            other.administration.set(policy)
            other.desiredDocuments.forget()
            let before = state.members(state.administration.reach(of: policy.id))
            return (before.union(state.members(other.administration.reach(of: policy.id))), other)
        }
        var result = PolicyDryRun(devices: 0, reachableNow: 0, bytes: 0)
        forEachPiece(of: ids) { state, piece in
            for id in piece {
                guard var entry = state.devices[id], !entry.isDeleted else { continue }
                let (before, conditions) = (state.desired(of: entry), state.computed(for: entry).settings.status)
                entry.standing = other.standing(of: entry, entry.facts(now: now, server: other.attendance))
                let after = other.documents(of: entry).filter { before[$0.key] != $0.value.digest }
                let isJudgedOtherwise = other.computed(for: entry).settings.status != conditions
                guard !after.isEmpty || isJudgedOtherwise else { continue }
                result.devices += 1
                result.bytes += Int64(after.values.reduce(0) { $0 + $1.body.count })
                let isReached = entry.channel != nil || (entry.datagrams.udpPort ?? 0) != 0
                if after.isEmpty || isReached { result.reachableNow += 1 }
            }
        }
        return result
    }

    /// Manifests were accepted or rejected. - Returns: what follows, for devices anywhere.
    func catalogueChanged(_ catalogue: ApplicationCatalogue, now: Timestamp) -> Consequences {
        administrationChanged(now: now, affected: { _ in .all }) { $0.setCatalogue(catalogue) }
    }

    func deliveries(of id: PolicyID) -> [DeviceDelivery] {
        let (application, ids) = state.withLock { state -> (ApplicationID?, Set<DeviceID>) in
            guard let policy = state.administration.policies[id]?.policy, policy.isActive else { return (nil, []) }
            return (policy.application, state.members(state.administration.reach(of: id)))
        }
        guard let application else { return [] }
        var deliveries: [DeviceDelivery] = []
        forEachPiece(of: ids) { state, piece in
            deliveries += piece.compactMap { device in
                guard let entry = state.devices[device], !entry.isDeleted, !entry.isRevoked else { return nil }
                return DeviceDelivery(
                    device: device, delivery: state.delivery(of: application, to: entry), report: entry.applications[application])
            }
        }
        return deliveries
    }

    func management(of id: DeviceID) -> DeviceManagement? {
        state.withLock { state in
            guard let entry = state.devices[id], !entry.isDeleted else { return nil }
            let manifests = state.administration.manifests(of: entry)
            let effective = manifests.map { manifest in
                let own = entry.own[manifest.id] ?? [:]
                return (manifest.id, state.administration.effective(manifest, for: entry.standing, own: own))
            }
            let set = state.computed(for: entry).settings.parts.keys.filter { entry.manifest(of: $0.application) == $0 }
            let deliveries = Set(set.map(\.application)).union([.networkAgent]).map { ($0, state.delivery(of: $0, to: entry)) }
            return DeviceManagement(
                effective: Dictionary(uniqueKeysWithValues: effective),
                deliveries: Dictionary(uniqueKeysWithValues: deliveries), reports: entry.applications, manifests: manifests,
                digests: entry.manifests)
        }
    }
}

extension DeviceDirectory.State {
    mutating func delivery(of application: ApplicationID, to entry: DirectoryEntry) -> SettingsDelivery {
        // What stays at the server is in force as soon as it is said.
        guard ApplicationManifest.builtIn(application)?.travels ?? true else { return .applied }
        let document: DocumentName = application == .networkAgent ? .agent : .settings
        let whole = desired(of: entry)[document]
        guard let manifest = entry.manifest(of: application), administration.catalogue.manifest(manifest) != nil else {
            return .notSupported
        }
        let part =
            application == .networkAgent ? whole : computed(for: entry).settings.parts[manifest] ?? Document.empty.digest
        guard let whole, let part else { return .notSupported }
        return SettingsDelivery(desired: part, isHeld: entry.held[document] == whole, report: entry.applications[application])
    }
}

extension Administration {
    /// Those that the device's applications go by: all that are built in, and those of others that it has and that were accepted.
    fileprivate func manifests(of entry: DirectoryEntry) -> [ApplicationManifest] {
        let others = entry.manifests.sorted { $0.key < $1.key }
        return ApplicationManifest.builtIn
            + others.compactMap { catalogue.manifest(ManifestKey($0.key, digest: $0.value)) }
    }

    /// Groups in which a policy is in force, or would be.
    func reach(of id: PolicyID) -> DeviceDirectory.Affected {
        .groups(policies[id].map { tree.subtree(of: $0.policy.group) } ?? [])
    }
}
