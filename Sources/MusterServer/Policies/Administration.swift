import MusterModel

/// What administrators have set for groups of devices: groups, rules, policies. A value in the directory's lock, changed after the database
/// has committed. It knows no device: what holds for one is asked with the device's facts.
package struct Administration: Sendable {
    private(set) var tree = GroupTree()
    /// Where a device is that no rule moves; nil: *Unassigned*.
    private(set) var defaultGroup: GroupID? = .root
    private(set) var movingRules: [StandingRule] = []
    private(set) var tagRules: [StandingRule] = []
    private(set) var policies: [PolicyID: StandingPolicy] = [:]
    private(set) var tasks = StandingTasks()
    /// The applications that policies can be made for.
    private(set) var catalogue = ApplicationCatalogue()
    /// Since the start.
    private var removed: Set<PolicyID> = []
    private var active: [GroupID: [ApplicationID: PolicyID]] = [:]
    /// What rules and profiles ask of inventories.
    private(set) var installedConditions: Set<InstalledCondition> = []
    /// What rules and profiles ask for.
    private(set) var askedFields: Set<DeviceField> = []
    /// Of rules and profiles, those that time alone makes hold or not.
    private var timedConditions: [DeviceExpression] = []

    package init() {}

    init(
        groups: [AdministrationGroup], defaultGroup: GroupID?, rules: [DeviceRule], policies: [Policy],
        tasks: [ManagedTask] = [], selections: [SelectionID: String] = [:],
        catalogue: ApplicationCatalogue = ApplicationCatalogue()
    ) {
        self.catalogue = catalogue
        tree = GroupTree(groups)
        self.defaultGroup = defaultGroup
        setRules(rules)
        for policy in policies { set(policy) }
        setTasks { standing in
            standing.setSelections(selections)
            for task in tasks { standing.set(task) }
        }
    }

    // MARK: Changing

    mutating func setTree(_ groups: [AdministrationGroup]) { tree = GroupTree(groups) }

    mutating func setCatalogue(_ catalogue: ApplicationCatalogue) { self.catalogue = catalogue }

    mutating func setDefaultGroup(_ group: GroupID?) { defaultGroup = group }

    /// All of them, in order.
    mutating func setRules(_ rules: [DeviceRule]) {
        let standing = rules.compactMap(StandingRule.init)
        movingRules = standing.filter(\.isMoving)
        tagRules = standing.filter { !$0.isMoving }
        collectConditions()
    }

    /// Changes may be told in another order than they were committed: what is older than what is here, or was deleted, is no news.
    mutating func set(_ policy: Policy) {
        guard !removed.contains(policy.id), policies[policy.id].map({ $0.policy.revision <= policy.revision }) ?? true else {
            return
        }
        take(policy.id)
        policies[policy.id] = StandingPolicy(policy)
        if policy.isActive {
            if let other = active[policy.group]?[policy.application] { policies[other]?.deactivate() }
            active[policy.group, default: [:]][policy.application] = policy.id
        }
        collectConditions()
    }

    mutating func remove(_ id: PolicyID) {
        removed.insert(id)
        take(id)
        collectConditions()
    }

    mutating func setTasks(_ change: (inout StandingTasks) -> Void) {
        change(&tasks)
        collectConditions()
    }

    private mutating func take(_ id: PolicyID) {
        guard let policy = policies.removeValue(forKey: id)?.policy else { return }
        if active[policy.group]?[policy.application] == id { active[policy.group]?[policy.application] = nil }
    }

    private mutating func collectConditions() {
        let conditions =
            (movingRules + tagRules).map(\.condition) + policies.values.flatMap { $0.conditions.compactMap(\.self) }
            + tasks.conditions
        installedConditions = Set(conditions.flatMap(\.installedConditions))
        askedFields = Set(conditions.flatMap(\.fields))
        timedConditions = conditions.filter { $0.fields.contains { $0.kind == .duration } }
    }

    // MARK: Asking

    /// The active policies of an application from the root to the group.
    func policies(of application: ApplicationID, in group: GroupID) -> [StandingPolicy] {
        tree.chain(to: group).compactMap { active[$0.id]?[application] }.compactMap { policies[$0] }
    }

    /// Where a device stands with these facts: its tags first, then its group, then the profiles that hold.
    /// - Parameter facts: without tags and group.
    func standing(
        of facts: DeviceFacts, placement: Placement, ownTags: Set<String>, device: DeviceID? = nil
    ) -> DeviceStanding {
        var facts = facts
        facts.tags = ownTags
        facts.tags.formUnion(tagRules.filter { $0.condition.matches(facts) }.compactMap(\.tag))
        let group = group(of: facts, placement: placement)
        facts.group = group.flatMap { GroupPath(names: tree.names(to: $0)) }
        guard let group else { return DeviceStanding(group: nil, tags: facts.tags) }
        return DeviceStanding(
            group: group, tags: facts.tags, profiles: profiles(of: facts, in: group),
            tasks: tasks.choosing(facts, device))
    }

    /// When another rule or profile may hold for it though nothing of these facts changes; nil: never.
    func nextChange(for facts: DeviceFacts) -> Timestamp? {
        timedConditions.compactMap { $0.nextChange(for: facts) }.min()
    }

    private func group(of facts: DeviceFacts, placement: Placement) -> GroupID? {
        switch placement {
        // One that was deleted meanwhile is no group.
        case .fixed(let group): group.flatMap { tree[$0]?.id }
        case .automatic:
            if let rule = movingRules.first(where: { $0.condition.matches(facts) }) {
                rule.group.flatMap { tree[$0]?.id }
            } else {
                defaultGroup.flatMap { tree[$0]?.id }
            }
        }
    }

    private func profiles(of facts: DeviceFacts, in group: GroupID) -> [PolicyID: [Int]] {
        var held: [PolicyID: [Int]] = [:]
        for step in tree.chain(to: group) {
            for id in (active[step.id] ?? [:]).values {
                guard let places = policies[id]?.profiles(holdingFor: facts), !places.isEmpty else { continue }
                held[id] = places
            }
        }
        return held
    }

    /// Tasks that are for a device.
    func tasks(for place: DeviceStanding.TaskPlace) -> [ManagedTask] {
        guard let group = place.group else { return [] }
        return tasks.of(groups: tree.chain(to: group).map(\.id), chosen: place.chosen)
    }

    func effective(_ manifest: ApplicationManifest, for standing: DeviceStanding, own: [String: ManagedValue])
        -> EffectiveSettings
    {
        let chain = standing.group.map { policies(of: manifest.id, in: $0) } ?? []
        return EffectiveSettings(
            manifest, policies: chain.map { AppliedPolicy($0.policy, profiles: standing.profiles[$0.policy.id] ?? []) }, own: own)
    }
}

/// Where a device stands among groups and policies; derived from facts, never stored.
struct DeviceStanding: Hashable, Sendable {
    /// Nil: *Unassigned*.
    var group: GroupID?
    /// By hand and by rule.
    var tags: Set<String> = []
    /// The places of the profiles that hold, by policy.
    var profiles: [PolicyID: [Int]] = [:]
    /// Those that are for it by a selection or by its name; those of its groups come besides.
    var tasks: Set<TaskID> = []
}

/// A rule whose condition was read.
struct StandingRule: Hashable, Sendable {
    let rule: DeviceRule
    let condition: DeviceExpression

    /// Nil for one that is switched off, or that this program does not understand: it holds for no device.
    init?(_ rule: DeviceRule) {
        guard rule.isEnabled, let condition = try? DeviceExpression(rule.condition) else { return nil }
        self.rule = rule
        self.condition = condition
    }

    var isMoving: Bool { if case .move = rule.effect { true } else { false } }
    var group: GroupID? { if case .move(let group) = rule.effect { group } else { nil } }
    var tag: String? { if case .tag(let tag) = rule.effect { tag } else { nil } }
}

/// A policy whose profiles' conditions were read.
struct StandingPolicy: Hashable, Sendable {
    private(set) var policy: Policy
    /// Nil for one that is switched off or not understood.
    let conditions: [DeviceExpression?]

    init(_ policy: Policy) {
        self.policy = policy
        conditions = policy.content.profiles.map { $0.isEnabled ? try? DeviceExpression($0.condition) : nil }
    }

    mutating func deactivate() { policy.isActive = false }

    var installedConditions: Set<InstalledCondition> { Set(conditions.compactMap(\.self).flatMap(\.installedConditions)) }

    func profiles(holdingFor facts: DeviceFacts) -> [Int] {
        conditions.indices.filter { conditions[$0]?.matches(facts) ?? false }
    }
}
