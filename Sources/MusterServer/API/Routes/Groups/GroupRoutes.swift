import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore

/// `groups`, and the default group.
struct GroupRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        try ListPage(call.query, all: try await groups().entries, cursor: \.id).reply { $0 }
    }

    @Sendable func get(_ call: APICall) async throws -> APIReply { try await reply(try await record(call)) }

    @Sendable func create(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(CreateGroup.self)
        guard let names = GroupPath(wanted.path)?.names, let name = names.last else {
            throw Problem.member(
                "path", "'\(wanted.path.prefix(200))' is no path of a new group.", allowed: "a path as /Warsaw/Office")
        }
        let tree = try await groups().tree
        guard let parent = tree.group(named: names.dropLast()) else {
            throw Problem.member(
                "path", "There is no group /\(names.dropLast().joined(separator: "/")) to put it under: make it first.")
        }
        let record = try await services.store.createGroup(
            AdministrationGroup(id: .random(), parent: parent.id, name: name), principal: call.principal.audit,
            now: services.now())
        try await services.backend.groupsChanged()
        return try .created(try await groups().entry(record))
    }

    @Sendable func change(_ call: APICall) async throws -> APIReply {
        var expected = try call.expectedRevision()
        let wanted = try await call.body(ChangeGroup.self)
        var record = try await record(call)
        if let parent = wanted.parent {
            let group = record.id
            let target = try GroupChoice.group(parent, in: try await groups().tree, member: "parent")
            try await guarding(call).changingGroups { tree throws(GroupTree.Refusal) in try tree.move(group, under: target) }
            record = try await changed(
                try await services.store.moveGroup(
                    group, under: target, expectedRevision: expected, principal: call.principal.audit, now: services.now()))
            if expected != nil { expected = record.revision }
        }
        if let name = wanted.name {
            let group = record.id
            try await guarding(call).changingGroups { tree throws(GroupTree.Refusal) in try tree.rename(group, name) }
            record = try await changed(
                try await services.store.renameGroup(
                    group, name: name, expectedRevision: expected, principal: call.principal.audit, now: services.now()))
        }
        return try await reply(record)
    }

    @Sendable func delete(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let record = try await record(call)
        let deletion = try deletion(call.query, try await groups().tree)
        if case .moveTo(let target) = deletion.devices {
            let devices = try await services.backend.devices(of: .group(record.id))
            try await guarding(call).check(
                ProspectiveChange(devices: Set(devices), placement: .fixed(target)), for: "moving devices")
        }
        let outcome = try await services.store.deleteGroup(
            record.id, deletion, expectedRevision: expected, principal: call.principal.audit, now: services.now())
        switch outcome {
        case .inUse(let use): throw Problem.groupInUse(use)
        case .deleted(let devices, let policies, let rules, let position):
            let backend = services.backend
            for policy in policies { backend.policyRemoved(policy) }
            if !rules.isEmpty { try await backend.rulesChanged() }
            if call.query["deleteDevices"] == "true" {
                for device in devices { await backend.deviceDeleted(device) }
                if let position { backend.eventStored(at: position) }
            } else {
                try await backend.devicesEdited(devices)
            }
            try await backend.groupsChanged()
            return try .ok(
                DeletedGroup(
                    id: record.id, devices: Int64(devices.count), policies: Int64(policies.count), rules: Int64(rules.count)))
        }
    }

    /// Each step is in force before the next is reckoned or refused.
    private func changed(_ change: GroupChange) async throws -> GroupRecord {
        try await services.backend.groupsChanged(policies: change.policies)
        return change.group
    }

    private func guarding(_ call: APICall) -> ReachGuard { ReachGuard(services: services, principal: call.principal) }

    private func deletion(_ query: QueryParameters, _ tree: GroupTree) throws(Problem) -> GroupDeletion {
        var deletion = GroupDeletion(
            policies: try query.isSet("policies"), rules: try query.isSet("rules"), targets: try query.isSet("targets"),
            expressions: try query.isSet("leaveExpressions"))
        let deletes = try query.isSet("deleteDevices")
        if let target = query["devicesTo"] {
            guard !deletes else { throw .parameter("deleteDevices", "It does not go with 'devicesTo'.") }
            if target == GroupWord.unassigned {
                deletion.devices = .moveTo(nil)
            } else if let group = tree.group(at: target) {
                deletion.devices = .moveTo(group.id)
            } else {
                throw .parameter(
                    "devicesTo", "There is no administration group '\(target.prefix(200))'.",
                    allowed: "\(GroupChoice.allowed), \(GroupWord.unassigned)")
            }
        } else if deletes {
            deletion.devices = .delete
        }
        return deletion
    }

    // MARK: The default group

    @Sendable func defaultGroup(_ call: APICall) async throws -> APIReply { try await replyDefault() }

    @Sendable func setDefaultGroup(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(SetDefaultGroup.self)
        let choice = try GroupChoice(
            wanted.group, in: try await groups().tree, member: "group", words: [GroupWord.unassigned])
        let group = choice.id
        try await guarding(call).check(
            ProspectiveChange(administration: { $0.setDefaultGroup(group) }), for: "the default group")
        try await services.store.setDefaultGroup(
            choice.id, expectedRevision: expected, principal: call.principal.audit, now: services.now())
        try await services.backend.groupsChanged()
        return try await replyDefault()
    }

    private func replyDefault() async throws -> APIReply {
        let found = try await services.store.fetchDefaultGroup()
        let tree = try await groups().tree
        let setting = DefaultGroupSetting(
            group: found.group.flatMap { GroupReference($0, in: tree) }, revision: found.revision)
        return try .ok(setting, revision: found.revision)
    }

    // MARK: Groups as they are

    /// As stored: what was changed a moment ago is in it, whoever changed it.
    private func groups() async throws -> GroupList {
        let administration = services.backend.administration
        let policies = administration.policies.values.reduce(into: [:]) { $0[$1.policy.group, default: 0] += 1 }
        return GroupList(
            try await services.store.fetchGroups(), devices: services.backend.countByGroup(), policies: policies)
    }

    /// The group at the path's `{id}`: an id, or a group's own path with its slashes escaped (`%2FWarsaw%2FOffice`).
    private func record(_ call: APICall) async throws -> GroupRecord {
        let tree = try await groups().tree
        guard let id = call.segment.flatMap({ tree.group(at: $0)?.id }), let record = try await services.store.fetchGroup(id)
        else { throw Problem.notFound("administration group") }
        return record
    }

    private func reply(_ record: GroupRecord) async throws -> APIReply {
        try .ok(try await groups().entry(record), revision: record.revision)
    }
}
