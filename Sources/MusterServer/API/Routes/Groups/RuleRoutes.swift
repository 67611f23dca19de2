import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore

/// `moving-rules` and `tag-rules`. With `dryRun=true` a change is not made: the answer says what it would do.
struct RuleRoutes: Sendable {
    let services: APIServices
    let kind: RuleKind

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        try .ok(Page(items: try await entries(), next: nil))
    }

    @Sendable func create(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(RuleChange.self)
        let tree = services.backend.administration.tree
        guard let name = wanted.name else { throw Problem.member("name", "It is missing.") }
        guard let when = wanted.when else { throw Problem.member("when", "It is missing.") }
        guard let effect = try RuleReading(kind).effect(wanted, tree) else {
            throw Problem.member(kind.effectMember, "It is missing.")
        }
        try RuleReading(kind).check(wanted)
        let rule = DeviceRule(
            id: .random(), name: name, condition: when, effect: effect, isEnabled: wanted.enabled ?? true)
        let place = try place(wanted.position)
        let new = try await rules { rules in rules.insert(rule, at: min(place ?? rules.count, rules.count)) }
        if try call.query.isSet("dryRun") { return try await effectReply(new) }
        try await ReachGuard(services: services, principal: call.principal).check(new)
        let record = try await services.store.createRule(
            rule, at: place, principal: call.principal.audit, now: services.now())
        try await services.backend.rulesChanged()
        return try .created(try await entry(record.id))
    }

    private func place(_ position: Int64?) throws(Problem) -> Int? {
        guard let position else { return nil }
        let allowed = 1...Int64(DeviceRule.maximumCount)
        guard allowed.contains(position) else {
            throw .member(
                "position", "\(position) is out of range.", allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
        }
        return Int(position - 1)
    }

    @Sendable func change(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(RuleChange.self)
        let record = try await record(call)
        guard wanted.position == nil else {
            throw Problem.member("position", "The order is changed for all rules at once: PUT the list of their ids.")
        }
        try RuleReading(kind).check(wanted)
        let effect = try RuleReading(kind).effect(wanted, services.backend.administration.tree)
        let apply: @Sendable (inout DeviceRule) -> Void = { rule in
            if let name = wanted.name { rule.name = name }
            if let when = wanted.when { rule.condition = when }
            if let effect { rule.effect = effect }
            if let enabled = wanted.enabled { rule.isEnabled = enabled }
        }
        let new = try await rules { rules in
            if let index = rules.firstIndex(where: { $0.id == record.id }) { apply(&rules[index]) }
        }
        if try call.query.isSet("dryRun") { return try await effectReply(new) }
        try await ReachGuard(services: services, principal: call.principal).check(new)
        let changed = try await services.store.editRule(
            record.id, expectedRevision: expected, principal: call.principal.audit, now: services.now(), apply)
        try await services.backend.rulesChanged()
        return try .ok(try await entry(record.id), revision: changed.revision)
    }

    @Sendable func reorder(_ call: APICall) async throws -> APIReply {
        let order = try await call.body(OrderRules.self).order
        let new = try await rules { rules in
            let places = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
            rules.sort { (places[$0.id] ?? .max) < (places[$1.id] ?? .max) }
        }
        if try call.query.isSet("dryRun") { return try await effectReply(new) }
        try await ReachGuard(services: services, principal: call.principal).check(new)
        try await services.store.reorderRules(kind, order, principal: call.principal.audit, now: services.now())
        try await services.backend.rulesChanged()
        return try .ok(Page(items: try await entries(), next: nil))
    }

    @Sendable func delete(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let record = try await record(call)
        let new = try await rules { rules in rules.removeAll { $0.id == record.id } }
        if try call.query.isSet("dryRun") { return try await effectReply(new) }
        try await ReachGuard(services: services, principal: call.principal).check(new)
        guard
            try await services.store.deleteRule(
                record.id, expectedRevision: expected, principal: call.principal.audit, now: services.now())
        else { throw Problem.notFound(kind.words) }
        try await services.backend.rulesChanged()
        return .noContent
    }

    // MARK: What there is

    private func entries() async throws -> [RuleEntry] {
        let tree = services.backend.administration.tree
        return try await services.store.fetchRules(kind).enumerated().map { RuleEntry($1, position: $0 + 1, in: tree) }
    }

    private func entry(_ id: RuleID) async throws -> RuleEntry {
        guard let entry = try await entries().first(where: { $0.id == id }) else { throw Problem.notFound(kind.words) }
        return entry
    }

    private func record(_ call: APICall) async throws -> RuleRecord {
        let id: RuleID = try call.id(kind.words)
        guard let record = try await services.store.fetchRules(kind).first(where: { $0.id == id }) else {
            throw Problem.notFound(kind.words)
        }
        return record
    }

    /// Those of this kind, changed so, beside those of the other.
    private func rules(_ change: (inout [DeviceRule]) -> Void) async throws -> [DeviceRule] {
        var rules = try await services.store.fetchRules(kind).map(\.rule)
        change(&rules)
        for other in RuleKind.allCases where other != kind { rules += try await services.store.fetchRules(other).map(\.rule) }
        return rules
    }

    /// What these rules of both kinds would do.
    private func effectReply(_ rules: [DeviceRule]) async throws -> APIReply {
        let new = StandingRule.installedConditions(of: rules).subtracting(services.backend.administration.installedConditions)
        let changes = services.backend.changes(by: rules, installed: try await services.store.devices(holding: new))
        return try .ok(RuleEffect(changes, in: services.backend.administration.tree))
    }
}

/// What a rule of one kind may say, checked where it is entered.
struct RuleReading {
    private let kind: RuleKind

    init(_ kind: RuleKind) { self.kind = kind }

    /// What rules decide themselves they cannot ask for: it would depend on their own answer.
    private var forbidden: Set<DeviceField> {
        switch kind {
        case .moving: [.group, .status]
        case .tag: [.tag, .group, .status]
        }
    }

    func check(_ wanted: RuleChange) throws(Problem) {
        if let name = wanted.name, !ListedName.isName(name) {
            throw .member("name", "It is not a name.", allowed: ListedName.allowed)
        }
        guard let when = wanted.when else { return }
        let expression: DeviceExpression
        do throws(ExpressionError) { expression = try DeviceExpression(when) } catch {
            throw .expression("when", error, isParameter: false)
        }
        if let field = expression.fields.intersection(forbidden).min(by: { $0.rawValue < $1.rawValue }) {
            let allowed = DeviceField.allCases.filter { !forbidden.contains($0) }.map(\.rawValue)
            throw .member(
                "when", "A \(kind.words) cannot ask for '\(field.rawValue)': that depends on what the rules answer.",
                allowed: allowed.joined(separator: ", "))
        }
    }

    /// Nil when nothing is said of it.
    func effect(_ wanted: RuleChange, _ tree: GroupTree) throws(Problem) -> DeviceRule.Effect? {
        switch kind {
        case .moving:
            if wanted.tag != nil { throw .member("tag", "A moving rule gives no tags: that is a tag rule.") }
            guard let to = wanted.to else { return nil }
            return .move(to: try GroupChoice(to, in: tree, member: "to", words: [GroupWord.unassigned]).id)
        case .tag:
            if wanted.to != nil { throw .member("to", "A tag rule moves no devices: that is a moving rule.") }
            return try DeviceEdit.tags(wanted.tag.map { [$0] }, member: "tag").first.map { .tag($0) }
        }
    }
}

extension RuleKind {
    var words: String {
        switch self {
        case .moving: "moving rule"
        case .tag: "tag rule"
        }
    }

    /// What says what its rules do.
    fileprivate var effectMember: String {
        switch self {
        case .moving: "to"
        case .tag: "tag"
        }
    }
}

extension RuleEntry {
    init(_ record: RuleRecord, position: Int, in tree: GroupTree) {
        let rule = record.rule
        var (to, tag): (GroupReference?, String?) = (nil, nil)
        switch rule.effect {
        case .move(let group): to = group.flatMap { GroupReference($0, in: tree) }
        case .tag(let text): tag = text
        }
        self.init(
            id: rule.id, name: rule.name, position: Int64(position), when: rule.condition, to: to, tag: tag,
            enabled: rule.isEnabled, revision: record.revision)
    }
}

extension RuleEffect {
    init(_ changes: [PlaceChange], in tree: GroupTree) {
        let devices = changes.sorted { ($0.name, $0.device) < ($1.name, $1.device) }.map { change in
            Device(
                device: change.device, name: change.name, from: change.from.group.flatMap { tree.path(of: $0) },
                to: change.to.group.flatMap { tree.path(of: $0) },
                addedTags: change.to.tags.subtracting(change.from.tags).sorted(),
                removedTags: change.from.tags.subtracting(change.to.tags).sorted())
        }
        self.init(
            moved: Int64(devices.count { $0.moves }),
            tagged: Int64(devices.count { !$0.addedTags.isEmpty || !$0.removedTags.isEmpty }),
            devices: Array(devices.prefix(Self.maximumListed)))
    }
}
