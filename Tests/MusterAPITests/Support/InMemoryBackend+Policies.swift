import MusterAPI
import MusterModel
import Synchronization

@testable import MusterServer

/// Groups and policies for the API's tests: every device stands in the root group, and nothing is sealed but turned around.
extension InMemoryBackend {
    struct Policies {
        var administration = Administration()
        /// Others are not there.
        var devices: Set<DeviceID> = []
        /// Those that were edited.
        var groups: [DeviceID: KnownDevice] = [:]
        /// Of devices, by application.
        var values: [DeviceID: [ApplicationID: [String: ManagedValue]]] = [:]
        var reports: [DeviceID: [ApplicationID: ApplicationReport]] = [:]
        var deliveries: [PolicyID: [DeviceDelivery]] = [:]
        var dryRun = PolicyDryRun(devices: 0, reachableNow: 0, bytes: 0)
        /// Of what it was asked.
        var dryRuns: [Policy] = []
    }

    var administration: Administration { policies.withLock { $0.administration } }
    func seal(_ secret: String) -> SecretValue? { SecretValue(bytes: secret.utf8.reversed()) }
    func policyChanged(_ policy: Policy) async throws { policies.withLock { $0.administration.set(policy) } }
    func manifestsChanged() async throws {
        let catalogue = try await ApplicationCatalogue(store)
        policies.withLock { $0.administration.setCatalogue(catalogue) }
    }

    func policyRemoved(_ id: PolicyID) { policies.withLock { $0.administration.remove(id) } }
    func dryRun(_ policy: Policy) -> PolicyDryRun {
        policies.withLock { policies in
            policies.dryRuns.append(policy)
            return policies.dryRun
        }
    }
    func deliveries(of policy: PolicyID) -> [DeviceDelivery] { policies.withLock { $0.deliveries[policy] ?? [] } }

    func overview(since: Timestamp) -> Overview {
        Overview(
            devices: 1, status: ["ok": 1], states: ["connected": 1], reasons: [],
            changes: Overview.Changes(since: since, enrolled: 1, worse: 0, better: 0))
    }

    func management(of device: DeviceID) -> DeviceManagement? {
        policies.withLock { policies in
            guard policies.devices.contains(device) else { return nil }
            let effective = ApplicationManifest.builtIn.map { manifest in
                let own = policies.values[device]?[manifest.id] ?? [:]
                return (manifest.id, policies.administration.effective(manifest, for: DeviceStanding(group: .root), own: own))
            }
            return DeviceManagement(
                effective: Dictionary(uniqueKeysWithValues: effective), deliveries: [:], reports: policies.reports[device] ?? [:])
        }
    }
}
