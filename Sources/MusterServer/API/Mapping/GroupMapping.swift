import MusterAPI
import MusterModel
import MusterStore

extension GroupTree {
    /// `/Warsaw/Office`; `/` for the root. Nil for a group that is not there.
    func path(of id: GroupID) -> String? {
        guard self[id] != nil else { return nil }
        return "/" + names(to: id).joined(separator: "/")
    }

    /// By its path or id.
    func group(at text: String) -> AdministrationGroup? {
        if let id = GroupID(text) { return self[id] }
        return GroupPath(text).flatMap { group(named: $0.names) }
    }
}

extension GroupReference {
    /// Nil for a group that is not there.
    init?(_ id: GroupID, in tree: GroupTree) {
        guard let path = tree.path(of: id) else { return nil }
        self.init(id: id, path: path)
    }
}

/// Where devices are to be, as people write it.
enum GroupChoice: Equatable {
    case group(GroupID)
    case unassigned
    case automatic

    /// What stands where a group is asked for.
    static let allowed = "a path as /Warsaw/Office, / for the root, or an id"

    /// - Parameter words: those of `GroupWord` that are allowed too.
    init(_ text: String, in tree: GroupTree, member: String, words: [String] = []) throws(Problem) {
        if text == GroupWord.unassigned, words.contains(text) {
            self = .unassigned
        } else if text == GroupWord.automatic, words.contains(text) {
            self = .automatic
        } else {
            self = .group(try Self.group(text, in: tree, member: member, words: words))
        }
    }

    static func group(_ text: String, in tree: GroupTree, member: String, words: [String] = []) throws(Problem) -> GroupID {
        guard let group = tree.group(at: text) else {
            throw .member(
                member, "There is no administration group '\(text.prefix(200))'.",
                allowed: ([allowed] + words).joined(separator: ", "))
        }
        return group.id
    }

    /// Nil: *Unassigned*.
    var id: GroupID? { if case .group(let id) = self { id } else { nil } }

    var placement: Placement {
        switch self {
        case .group(let id): .fixed(id)
        case .unassigned: .fixed(nil)
        case .automatic: .automatic
        }
    }
}

/// The groups with what is in them, counted once for a whole list.
struct GroupList {
    let tree: GroupTree
    private let records: [GroupRecord]
    private let devices: [GroupID: Int]
    private let below: [GroupID: Int]
    private let policies: [GroupID: Int]

    init(_ records: [GroupRecord], devices counts: [GroupID?: Int], policies: [GroupID: Int]) {
        tree = GroupTree(records.map(\.group))
        self.records = records
        self.policies = policies
        var (devices, below): ([GroupID: Int], [GroupID: Int]) = ([:], [:])
        for case (let id?, let count) in counts {
            devices[id] = count
            for group in tree.chain(to: id) { below[group.id, default: 0] += count }
        }
        self.devices = devices
        self.below = below
    }

    /// Each group before those below it, in order of names.
    var entries: [GroupEntry] {
        records.map { (names: tree.names(to: $0.id), record: $0) }
            .sorted { $0.names.lexicographicallyPrecedes($1.names) }
            .map { entry($0.record) }
    }

    func entry(_ record: GroupRecord) -> GroupEntry {
        GroupEntry(
            id: record.id, path: tree.path(of: record.id) ?? "/", name: record.group.name, parent: tree[record.id]?.parent,
            revision: record.revision, created: record.created, changed: record.changed,
            devices: Int64(devices[record.id] ?? 0), devicesWithBelow: Int64(below[record.id] ?? 0),
            policies: Int64(policies[record.id] ?? 0))
    }
}

extension DeviceEntry {
    /// What memory knows of its place. - Parameter place: nil for one that memory does not know yet.
    mutating func take(_ place: DevicePlace?, of record: DeviceRecord, in tree: GroupTree) {
        group = (place?.group).flatMap { GroupReference($0, in: tree) }
        tags = (place?.tags ?? Set(record.tags)).sorted()
        ownTags = record.tags
        if let place { status = DeviceStatusEntry(place.status, since: place.statusSince) }
        switch record.placement {
        case _ where record.awaitsApproval: placement = .awaitsApproval
        case .automatic: placement = .automatic
        case .fixed: placement = .fixed
        }
    }
}

extension Problem {
    /// What there is, and by which parameter it is said what becomes of it.
    static func groupInUse(_ use: GroupUse) -> Problem {
        var parts: [String] = []
        var errors: [FieldError] = []
        func add(_ count: Int64, _ one: String, _ many: String, _ ways: [(field: String, detail: String)] = []) {
            guard count > 0 else { return }
            parts.append("\(count) \(count == 1 ? one : many)")
            errors += ways.filter { way in !errors.contains { $0.field == way.field } }.map {
                FieldError(field: $0.field, detail: $0.detail)
            }
        }
        add(use.groups, "group below it, to be moved or deleted first", "groups below it, to be moved or deleted first")
        let devices: [(field: String, detail: String)] = [
            ("devicesTo", "Says where its devices go."), ("deleteDevices", "Deletes its devices."),
        ]
        add(use.devices, "device placed in it", "devices placed in it", devices)
        add(use.policies, "policy", "policies", [("policies", "Deletes its policies.")])
        add(use.rules, "moving rule that moves to it", "moving rules that move to it", [("rules", "Deletes these rules.")])
        let targets: [(field: String, detail: String)] = [("targets", "Takes it from enrolment tokens and packages.")]
        add(use.tokens, "enrolment token with it as target", "enrolment tokens with it as target", targets)
        add(use.packages, "installation package with it as target", "installation packages with it as target", targets)
        let expressions: [(field: String, detail: String)] = [
            ("leaveExpressions", "Leaves them as they are: no device is in the group that they name then.")
        ]
        add(
            Int64(use.selections.count), "selection that names it (\(list(use.selections)))",
            "selections that name it (\(list(use.selections)))", expressions)
        let profiles = list(use.profiles.map { "'\($0.name)' of '\($0.policy)'" }, isQuoted: true)
        add(
            Int64(use.profiles.count), "policy profile that names it (\(profiles))", "policy profiles that name it (\(profiles))",
            expressions)
        if use.isDefault { parts.append("it is the default group: set another first") }
        return Problem(
            .groupInUse, status: 409, title: "Group in use",
            detail: "Nothing was deleted, because of what there is: \(parts.joined(separator: "; ")).",
            errors: errors.isEmpty ? nil : errors)
    }

    /// The first few, in their order.
    private static func list(_ names: [String], isQuoted: Bool = false) -> String {
        let shown = names.prefix(5).map { isQuoted ? $0 : "'\($0)'" }.joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }
}
