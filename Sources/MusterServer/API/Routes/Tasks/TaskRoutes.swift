import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore

/// `tasks`.
struct TaskRoutes: Sendable {
    let services: APIServices

    /// In order of their names.
    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let application = call.query["application"]
        let records = try await services.store.fetchTasks().filter { record in
            application.map { record.task.definition.application.description == $0 } ?? true
        }
        let page = try ListPage(call.query, all: records, cursor: \.id)
        let shown = try await TaskShowing(services, of: page.records)
        return try page.reply { shown.entry($0) }
    }

    @Sendable func get(_ call: APICall) async throws -> APIReply { try await reply(try await record(call)) }

    @Sendable func create(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(CreateTask.self)
        let reading = try reading(wanted.application, wanted.type)
        try NameRule.check(wanted.name, member: "name")
        let timing = try TaskReading.timing(
            schedule: wanted.schedule, runMissed: wanted.runMissed, randomDelay: wanted.randomDelaySeconds,
            stopAfter: wanted.stopAfterSeconds, now: services.now())
        let scope = try await TaskScopeReading(
            services: services, group: wanted.group, selection: wanted.selection, devices: wanted.devices
        ).scope()
        guard let scope else { throw Problem.member("group", "Say whom it is for: a group, a selection or devices.") }
        let definition = TaskDefinition(
            id: .random(), revision: 1, name: wanted.name, application: reading.manifest.id, type: reading.type.type,
            settings: try reading.settings(wanted.settings ?? [:]), timing: timing)
        let task = ManagedTask(
            definition, scope: scope, wait: try TaskReading.wait(wanted.expiresAfterSeconds) ?? ManagedTask.standardWait)
        let made = try await services.store.createTask(
            task, claim: try await claim(task, call.principal), principal: call.principal.audit, now: services.now()
        ).value(services.now())
        try await services.backend.taskChanged(made.task)
        return try .created(try await TaskShowing(services, of: [made]).entry(made))
    }

    @Sendable func change(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(ChangeTask.self)
        let found = try await record(call)
        let revision = found.task.definition.revision
        if let expected, expected != revision { throw Problem.revisionMismatch }
        var task = found.task
        let reading = try reading(task.definition.application.description, task.definition.type)
        try await apply(wanted, to: &task, reading)
        // What was read here is what is changed: somebody who was faster is not overwritten.
        let made = try await services.store.changeTask(
            task, expectedRevision: revision, change: TaskChangeWords.text(from: found.task, to: task),
            claim: try await claim(task, call.principal, before: found.task), principal: call.principal.audit,
            now: services.now()
        ).value(services.now())
        try await services.backend.taskChanged(made.task)
        return try await reply(made)
    }

    private func apply(_ wanted: ChangeTask, to task: inout ManagedTask, _ reading: TaskReading) async throws {
        if let name = wanted.name {
            try NameRule.check(name, member: "name")
            task.definition.name = name
        }
        if let settings = wanted.settings {
            task.definition.settings = try reading.settings(settings, old: task.definition.settings)
        }
        task.definition.timing = try TaskReading.timing(
            schedule: wanted.schedule, runMissed: wanted.runMissed, randomDelay: wanted.randomDelaySeconds,
            stopAfter: wanted.stopAfterSeconds, old: task.definition.timing, now: services.now())
        let scope = try await TaskScopeReading(
            services: services, group: wanted.group, selection: wanted.selection, devices: wanted.devices
        ).scope()
        if let scope { task.scope = scope }
        if let wait = try TaskReading.wait(wanted.expiresAfterSeconds) { task.wait = wait }
    }

    /// Devices that begin to do something else by themselves, where that is limited.
    private func claim(
        _ task: ManagedTask, _ principal: Principal, before: ManagedTask? = nil
    ) async throws -> ReachClaim? {
        let definition = task.definition
        guard task.isScheduled, services.isLimitedByReach(definition.application.description, definition.type) else { return nil }
        var devices = Set(try await services.backend.devices(of: task.scope))
        if let before, before.isScheduled, before.definition == definition {
            devices.subtract(try await services.backend.devices(of: before.scope))
        }
        return ReachClaim(Array(devices), reach: principal.reach)
    }

    @Sendable func delete(_ call: APICall) async throws -> APIReply {
        let id: TaskID = try call.id("task")
        let cancelled = try await services.store.deleteTask(
            id, expectedRevision: try call.expectedRevision(), principal: call.principal.audit, now: services.now())
        guard let cancelled else { throw Problem.notFound("task") }
        services.backend.taskRemoved(id, cancelled: cancelled)
        try await services.stop(try await services.store.fetchUnbegunRuns(of: id), by: call.principal)
        return .noContent
    }

    /// On all the devices it is for, or on those that are named. What came of each: `GET /runs?order=…`.
    @Sendable func run(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(RunTask.self)
        let task = try await record(call).task
        let isLimited = services.isLimitedByReach(task.definition.application.description, task.definition.type)
        if isLimited, call.principal.role != .administrator {
            throw Problem.roleInsufficient(call.principal.role, needed: .administer)
        }
        let devices = try await TaskTargets(services: services).devices(wanted, of: task)
        let now = services.now()
        let wait = try TaskReading.wait(wanted.expiresAfterSeconds) ?? task.wait
        let order = try await services.backend.run(
            task, on: devices, reach: isLimited ? call.principal.reach : nil, expires: now + wait, principal: call.principal.audit
        ).value(now)
        return try .created(ActionOrderEntry(order))
    }

    // MARK: Parts

    private func record(_ call: APICall) async throws -> TaskRecord {
        guard let record = try await services.store.fetchTask(try call.id("task")) else { throw Problem.notFound("task") }
        return record
    }

    private func reply(_ record: TaskRecord) async throws -> APIReply {
        try .ok(try await TaskShowing(services, of: [record]).entry(record), revision: record.task.definition.revision)
    }

    private func reading(_ application: String, _ type: String) throws(Problem) -> TaskReading {
        let backend = services.backend
        return try TaskReading(
            services.applications, application: application, type: type, seal: { backend.seal($0) })
    }
}

extension APIServices {
    /// Those whose tasks can be made: of others, those whose manifests were accepted.
    var applications: [ApplicationManifest] { manifests + backend.administration.catalogue.manifestsOfOthers }

    /// Whether a type of task is limited: where any version of its application that was accepted says so. One that is not known any more is
    /// taken for the worse.
    func isLimitedByReach(_ application: String, _ type: String) -> Bool {
        let others = backend.administration.catalogue.versions.filter { $0.key.digest != nil }.map(\.manifest)
        let types = (manifests + others).filter { $0.id.description == application }.compactMap { $0.task(type) }
        return types.isEmpty || types.contains(where: \.isLimitedByReach)
    }
}

extension APIServices {
    /// Runs that their devices have written down.
    func stop(_ runs: [RunRecord], by principal: Principal) async throws {
        for run in runs {
            try await backend.stop(run, expires: now() + ManagedTask.standardWait, principal: principal.audit)
        }
    }
}

extension Reached {
    /// - Throws: the problem, when the reach was exceeded.
    func value(_ now: Timestamp) throws(Problem) -> Value {
        switch self {
        case .done(let value): return value
        case .exceeded(let excess): throw .reachExceeded(excess)
        }
    }
}
