import MusterAPI
import MusterModel
import MusterStore

/// What becomes of where devices are and of their tags by hand: checked, not yet done.
struct DeviceEdit: Equatable {
    private(set) var placement: Placement?
    private(set) var approves = false
    private(set) var adding: Set<String> = []
    private(set) var removing: Set<String> = []

    var isAny: Bool { placement != nil || approves || changesTags }
    var changesTags: Bool { !adding.isEmpty || !removing.isEmpty }

    init(_ wanted: ChangeDevice, _ tree: GroupTree) throws(Problem) {
        try self.init(wanted.group, wanted.approve, wanted.addTags, wanted.removeTags, tree)
    }

    init(_ wanted: ChangeDevices, _ tree: GroupTree) throws(Problem) {
        try self.init(wanted.group, wanted.approve, wanted.addTags, wanted.removeTags, tree)
    }

    private init(
        _ group: String?, _ approve: Bool?, _ add: [String]?, _ remove: [String]?, _ tree: GroupTree
    ) throws(Problem) {
        if let group {
            placement = try GroupChoice(
                group, in: tree, member: "group", words: [GroupWord.unassigned, GroupWord.automatic]
            ).placement
        }
        approves = approve ?? false
        guard !approves || placement == nil else {
            throw .member("approve", "It does not go with 'group': a device that is moved needs no approval any more.")
        }
        adding = try Self.tags(add, member: "addTags")
        removing = Set(remove ?? [])
        if let tag = adding.intersection(removing).min() {
            throw .member("removeTags", "'\(tag)' is added and removed at once.")
        }
    }

    func prospect(of devices: [DeviceID]) -> ProspectiveChange {
        ProspectiveChange(
            devices: Set(devices), placement: placement ?? (approves ? .automatic : nil), adding: adding, removing: removing)
    }

    static func tags(_ tags: [String]?, member: String) throws(Problem) -> Set<String> {
        for tag in tags ?? [] where !DeviceTag.isTag(tag) {
            throw .member(member, "'\(tag.prefix(64))' is no tag.", allowed: DeviceTag.allowed)
        }
        return Set(tags ?? [])
    }
}

extension APIServices {
    /// - Parameter expected: when given, the revision the caller saw of each.
    func edit(
        _ devices: [DeviceID], _ edit: DeviceEdit, expected: Int64?, _ principal: Principal
    ) async throws -> EditedDevices {
        var (expected, all) = (expected, EditedDevices())
        func done(_ edited: EditedDevices) {
            all = EditedDevices(revisions: edited.revisions, changed: all.changed.union(edited.changed))
            // What follows is changed from what this left.
            if expected != nil { expected = edited.revisions.values.first }
        }
        try await ReachGuard(services: self, principal: principal).check(
            edit.prospect(of: devices), for: "moving and tagging devices")
        if let placement = edit.placement {
            done(
                try await store.setPlacement(
                    of: devices, to: placement, expectedRevision: expected, principal: principal.audit, now: now()))
        }
        if edit.approves {
            done(
                try await store.approveDevices(devices, expectedRevision: expected, principal: principal.audit, now: now()))
        }
        if edit.changesTags {
            done(
                try await store.changeTags(
                    of: devices, adding: edit.adding, removing: edit.removing, expectedRevision: expected,
                    principal: principal.audit, now: now()))
        }
        try await backend.devicesEdited(devices)
        return all
    }
}
