import MusterModel
import MusterStore
import Synchronization

@testable import MusterServer

/// Groups for the API's tests: as the store has them; of devices, what a test said or what was read when they were edited.
extension InMemoryBackend {
    private func known(_ device: DeviceID, _ policies: Policies) -> (facts: DeviceFacts, standing: DeviceStanding)? {
        guard let known = policies.groups[device] else { return nil }
        return (
            known.facts,
            policies.administration.standing(of: known.facts, placement: known.placement, ownTags: known.tags)
        )
    }

    func place(of device: DeviceID) -> DevicePlace? {
        policies.withLock { policies in
            known(device, policies).map { DevicePlace(group: $0.standing.group, tags: $0.standing.tags) }
        }
    }

    func countByGroup() -> [GroupID?: Int] {
        policies.withLock { policies in
            policies.groups.keys.reduce(into: [:]) { counts, device in
                counts[known(device, policies)?.standing.group, default: 0] += 1
            }
        }
    }

    func devices(matching expression: DeviceExpression, installed: [InstalledCondition: Set<DeviceID>]) -> [DeviceID] {
        policies.withLock { policies in
            policies.groups.keys.filter { device in
                guard let (asked, standing) = known(device, policies) else { return false }
                var facts = asked
                facts.tags = standing.tags
                facts.group = standing.group.flatMap { GroupPath(names: policies.administration.tree.names(to: $0)) }
                facts.installed = Set(installed.filter { $0.value.contains(device) }.keys)
                return expression.matches(facts)
            }
        }
    }

    func changes(by rules: [DeviceRule], installed: [InstalledCondition: Set<DeviceID>]) -> [PlaceChange] {
        policies.withLock { policies in
            var new = policies
            new.administration.setRules(rules)
            return policies.groups.keys.compactMap { device in
                guard let before = known(device, policies)?.standing, let after = known(device, new)?.standing,
                    before.group != after.group || before.tags != after.tags
                else { return nil }
                return PlaceChange(
                    device: device, name: policies.groups[device]?.facts.name ?? "",
                    from: DevicePlace(group: before.group, tags: before.tags),
                    to: DevicePlace(group: after.group, tags: after.tags))
            }
        }
    }

    func groupsChanged(policies changed: [Policy]) async throws {
        let groups = try await store.fetchGroups().map(\.group)
        let defaultGroup = try await store.fetchDefaultGroup().group
        policies.withLock { policies in
            policies.administration.setTree(groups)
            policies.administration.setDefaultGroup(defaultGroup)
            for policy in changed { policies.administration.set(policy) }
        }
    }

    func rulesChanged() async throws {
        let rules = try await store.fetchRules(.moving).map(\.rule) + (try await store.fetchRules(.tag).map(\.rule))
        policies.withLock { $0.administration.setRules(rules) }
    }

    func devicesEdited(_ devices: [DeviceID]) async throws {
        for record in try await store.fetchDevices(among: devices, after: nil, limit: 1000) {
            policies.withLock { policies in
                policies.groups[record.id] = KnownDevice(
                    facts: DeviceFacts(name: record.name, now: APIFixture.now), placement: record.placement,
                    tags: Set(record.tags))
                policies.values[record.id] = record.values
            }
        }
    }

    struct KnownDevice {
        var facts: DeviceFacts
        var placement: Placement
        var tags: Set<String>
    }
}
