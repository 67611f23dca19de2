import MusterModel
import MusterStore

extension ServerHouse: GroupBackend {
    /// Devices read from the store at once.
    private static let piece = 500

    func place(of device: DeviceID) -> DevicePlace? {
        context.directory.entry(device).flatMap { $0.isDeleted ? nil : DevicePlace($0) }
    }

    func countByGroup() -> [GroupID?: Int] { context.directory.countByGroup() }

    func devices(matching expression: DeviceExpression, installed: [InstalledCondition: Set<DeviceID>]) -> [DeviceID] {
        context.directory.devices(matching: expression, installed: installed, now: context.now())
    }

    func changes(by rules: [DeviceRule], installed: [InstalledCondition: Set<DeviceID>]) -> [PlaceChange] {
        context.directory.changes(by: rules, installed: installed, now: context.now())
    }

    func groupsChanged(policies: [Policy]) async throws {
        let number = groupReadings.begin()
        let groups = try await store.fetchGroups().map(\.group)
        let defaultGroup = try await store.fetchDefaultGroup().group
        // Expressions follow the names of groups.
        let selections = try await store.fetchSelectionTexts()
        let consequences = groupReadings.finish(number) {
            context.directory.groupsChanged(
                groups, defaultGroup: defaultGroup, policies: policies, selections: selections,
                now: context.now())
        }
        if let consequences { follow(consequences) }
    }

    func rulesChanged() async throws {
        let number = ruleReadings.begin()
        let rules = try await store.fetchRules(.moving) + (try await store.fetchRules(.tag))
        let wanted = StandingRule.installedConditions(of: rules.map(\.rule))
        let found = try await store.devices(holding: wanted.subtracting(context.directory.installedConditions))
        let consequences = ruleReadings.finish(number) {
            context.directory.rulesChanged(rules.map(\.rule), installed: found, now: context.now())
        }
        if let consequences { follow(consequences) }
    }

    func devicesEdited(_ devices: [DeviceID]) async throws {
        for start in stride(from: 0, to: devices.count, by: Self.piece) {
            let piece = Array(devices[start..<min(start + Self.piece, devices.count)])
            let records = try await store.fetchDevices(among: piece, after: nil, limit: piece.count)
            follow(context.directory.devicesEdited(records, now: context.now()))
        }
    }
}

extension StandingRule {
    /// What these ask of inventories.
    static func installedConditions(of rules: [DeviceRule]) -> Set<InstalledCondition> {
        Set(rules.compactMap(StandingRule.init).flatMap(\.condition.installedConditions))
    }
}
