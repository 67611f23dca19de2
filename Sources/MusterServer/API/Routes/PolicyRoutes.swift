import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore

/// `policies`.
struct PolicyRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let application = call.query["application"]
        let administration = services.backend.administration
        let group = try call.query["group"].map { try administration.group(named: $0, member: "group", isParameter: true) }
        let records = try await services.store.fetchPolicies().filter { record in
            (application.map { record.policy.application.description == $0 } ?? true)
                && (group.map { record.policy.group == $0 } ?? true)
        }
        let entries = records.map { PolicyEntry($0, administration) }
            .sorted { ($0.application, $0.group.path, $0.name, $0.id) < ($1.application, $1.group.path, $1.name, $1.id) }
        return try ListPage(call.query, all: entries, cursor: \.id).reply { $0 }
    }

    @Sendable func create(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(CreatePolicy.self)
        let administration = services.backend.administration
        let reading = try reading(wanted.application)
        try NameRule.check(wanted.name, member: "name")
        let content = PolicyContent(
            settings: try reading.settings(wanted.settings ?? [:], member: "settings", old: [:]),
            profiles: try reading.profiles(wanted.profiles ?? [], old: []))
        let policy = Policy(
            id: .random(), application: reading.manifest.id,
            group: try administration.group(named: wanted.group, member: "group"),
            name: wanted.name, isActive: wanted.active ?? true, content: content)
        if try call.query.isSet("dryRun") { return try .ok(services.backend.dryRun(policy)) }
        let made = try await services.store.createPolicy(policy, principal: call.principal.audit, now: services.now())
        try await tell(made)
        return try .created(entry(made))
    }

    @Sendable func get(_ call: APICall) async throws -> APIReply { try reply(try await policy(call)) }

    /// The parts of the change are read against the policy as it is when they are stored.
    @Sendable func change(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(ChangePolicy.self)
        let found = try await policy(call)
        if let expected, expected != found.policy.revision { throw Problem.revisionMismatch }
        var changed = found.policy
        let words = try apply(wanted, to: &changed)
        if try call.query.isSet("dryRun") { return try .ok(services.backend.dryRun(changed)) }
        // What was read here is what is changed: somebody who was faster is not overwritten.
        let made = try await services.store.changePolicy(
            changed, expectedRevision: found.policy.revision, change: words, principal: call.principal.audit, now: services.now())
        try await tell(made)
        return try .ok(entry(made), revision: made.policy.policy.revision)
    }

    private func apply(_ wanted: ChangePolicy, to policy: inout Policy) throws(Problem) -> String {
        let reading = try reading(policy.application.description)
        let old = policy.content
        var words: [String] = []
        if let name = wanted.name {
            try NameRule.check(name, member: "name")
            if name != policy.name { words.append("called '\(policy.name)' before") }
            policy.name = name
        }
        if let active = wanted.active {
            policy.isActive = active
            words.append(active ? "activated" : "deactivated")
        }
        if let settings = wanted.settings {
            let kept = settings.compactMapValues(\.self)
            for (key, value) in try reading.settings(kept, member: "settings", old: policy.content.settings) {
                policy.content.settings[key] = value
            }
            for (key, value) in settings where value == nil { policy.content.settings[key] = nil }
            words += PolicyChangeWords.settings(from: old.settings, to: policy.content.settings)
        }
        if let profiles = wanted.profiles {
            policy.content.profiles = try reading.profiles(profiles, old: policy.content.profiles)
            words += PolicyChangeWords.profiles(from: old.profiles, to: policy.content.profiles)
        }
        return words.joined(separator: "; ")
    }

    @Sendable func delete(_ call: APICall) async throws -> APIReply {
        let id: PolicyID = try call.id("policy")
        let expected = try call.expectedRevision()
        if try call.query.isSet("dryRun") {
            var found = try await policy(call).policy
            if let expected, expected != found.revision { throw Problem.revisionMismatch }
            // What it sets is in force nowhere either way.
            found.isActive = false
            return try .ok(services.backend.dryRun(found))
        }
        guard
            try await services.store.deletePolicy(
                id, expectedRevision: expected, principal: call.principal.audit, now: services.now()) != nil
        else { throw Problem.notFound("policy") }
        services.backend.policyRemoved(id)
        return .noContent
    }

    // MARK: As it was

    @Sendable func revisions(_ call: APICall) async throws -> APIReply {
        let id = try await policy(call).policy.id
        let store = services.store
        let page = try await ListPage(call.query, cursor: \PolicyRevisionRecord.revision) { before, limit in
            try await store.fetchRevisions(of: id, before: before, limit: limit)
        }
        let names = try await store.fetchPrincipalNames(of: page.records.map(\.principal))
        return try page.reply { record in
            var entry = PolicyRevisionEntry(record)
            entry.principalName = names[record.principal]
            return entry
        }
    }

    @Sendable func restore(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(RestorePolicy.self)
        var policy = try await policy(call).policy
        guard let old = try await services.store.fetchRevision(wanted.revision, of: policy.id)?.content else {
            throw Problem.member("revision", "The policy has no revision \(wanted.revision) (any more).")
        }
        if let expected, expected != policy.revision { throw Problem.revisionMismatch }
        policy.content = old
        if try call.query.isSet("dryRun") { return try .ok(services.backend.dryRun(policy)) }
        let made = try await services.store.changePolicy(
            policy, expectedRevision: expected ?? policy.revision, change: "restored revision \(wanted.revision)",
            principal: call.principal.audit, now: services.now())
        try await tell(made)
        return try .ok(entry(made), revision: made.policy.policy.revision)
    }

    // MARK: Where it has come to

    @Sendable func delivery(_ call: APICall) async throws -> APIReply {
        let policy = try await policy(call).policy
        let deliveries = services.backend.deliveries(of: policy.id)
        let counts = Dictionary(grouping: deliveries, by: \.delivery.code).mapValues { Int64($0.count) }
        let keys = Set(policy.content.settings.keys).union(policy.content.profiles.flatMap(\.settings.keys))
        let restricted = deliveries.count { !keys.isDisjoint(with: $0.report?.restricted ?? []) }
        return try .ok(
            PolicyDelivery(
                policy: policy.id, revision: policy.revision, total: Int64(deliveries.count), counts: counts,
                restricted: restricted == 0 ? nil : Int64(restricted)))
    }

    @Sendable func devices(_ call: APICall) async throws -> APIReply {
        let wanted = call.query["delivery"]
        if let wanted, !SettingsDelivery.codes.contains(wanted) {
            throw Problem.parameter(
                "delivery", "'\(wanted.prefix(32))' is no delivery.", allowed: SettingsDelivery.codes.joined(separator: ", "))
        }
        let id = try await policy(call).policy.id
        let deliveries = services.backend.deliveries(of: id).filter { delivery in
            wanted.map { delivery.delivery.code == $0 } ?? true
        }
        let byDevice = Dictionary(deliveries.map { ($0.device, $0) }) { first, _ in first }
        let (store, backend) = (services.store, services.backend)
        return try await ListPage(call.query, cursor: \DeviceRecord.cursor) { after, limit in
            try await store.fetchDevices(among: Array(byDevice.keys), after: after, limit: limit)
        }.reply { record in
            PolicyDeviceEntry(record, byDevice[record.id], liveness: backend.liveness(of: record.id))
        }
    }

    // MARK: Parts

    /// The one that had to give way first.
    private func tell(_ change: PolicyChange) async throws {
        if let other = change.deactivated { try await services.backend.policyChanged(other.policy) }
        try await services.backend.policyChanged(change.policy.policy)
    }

    private func policy(_ call: APICall) async throws -> PolicyRecord {
        guard let record = try await services.store.fetchPolicy(try call.id("policy")) else { throw Problem.notFound("policy") }
        return record
    }

    private func entry(_ change: PolicyChange) -> PolicyEntry {
        var entry = PolicyEntry(change.policy, services.backend.administration)
        entry.replaced = change.deactivated?.policy.name
        return entry
    }

    private func reply(_ record: PolicyRecord) throws -> APIReply {
        try .ok(PolicyEntry(record, services.backend.administration), revision: record.policy.revision)
    }

    private func reading(_ application: String) throws(Problem) -> PolicyReading {
        let backend = services.backend
        let manifest = try backend.administration.catalogue.manifest(named: application)
        return PolicyReading(manifest: manifest, seal: { backend.seal($0) }, tree: backend.administration.tree)
    }
}
