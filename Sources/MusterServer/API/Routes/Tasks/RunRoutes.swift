import MusterAPI
import MusterModel
import MusterSession
import MusterStore

/// `runs`: of tasks, on devices.
struct RunRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        var question = RunQuestion()
        question.task = try call.query.value("task", expected: "a task's id")
        question.device = try call.query.value("device", expected: "a device's id")
        question.order = try call.query.value("order", expected: "an action's id")
        return try await page(call, question)
    }

    @Sendable func listOfTask(_ call: APICall) async throws -> APIReply {
        let id: TaskID = try call.id("task")
        guard try await services.store.fetchTask(id) != nil else { throw Problem.notFound("task") }
        return try await page(call, RunQuestion(task: id))
    }

    @Sendable func listOfDevice(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        guard services.backend.place(of: id) != nil else { throw Problem.notFound("device") }
        return try await page(call, RunQuestion(device: id))
    }

    private func page(_ call: APICall, _ question: RunQuestion) async throws -> APIReply {
        var question = question
        if let text = call.query["state"] {
            guard let state = RunState(code: text) else {
                throw Problem.parameter(
                    "state", "'\(text.prefix(32))' is no state of a run.",
                    allowed: RunState.allCases.map(\.code).joined(separator: ", "))
            }
            question.states = [state]
        }
        let (store, asked) = (services.store, question)
        let page = try await ListPage(call.query, cursor: \RunRecord.cursor) { before, limit in
            try await store.fetchRuns(asked, before: before, limit: limit)
        }
        return try page.reply(try await entries(page.records))
    }

    @Sendable func get(_ call: APICall) async throws -> APIReply { try await reply(try await record(call)) }

    @Sendable func output(_ call: APICall) async throws -> APIReply {
        let run = try await record(call)
        guard let output = try await services.store.fetchRunOutput(run.id) else { throw Problem.noOutput(run) }
        return try .ok(RunOutputEntry(run.id, output))
    }

    @Sendable func stop(_ call: APICall) async throws -> APIReply {
        let run = try await record(call)
        if services.isLimitedByReach(run.application, run.type), call.principal.role != .administrator {
            throw Problem.roleInsufficient(call.principal.role, needed: .administer)
        }
        if !run.state.isFinal {
            try await services.backend.stop(
                run, expires: services.now() + ManagedTask.standardWait, principal: call.principal.audit)
        }
        return try await reply(try await record(call))
    }

    /// Tasks that are meant for a device, or that it holds: how they stand on it.
    @Sendable func tasksOfDevice(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        guard services.backend.place(of: id) != nil else { throw Problem.notFound("device") }
        let standings = try await services.backend.standings(of: id)
        let meant = try await services.backend.tasks(for: id)
        let last = try await services.store.fetchLastRuns(of: id)
        var entries: [DeviceTaskEntry] = []
        for record in try await services.store.fetchTasks() {
            let standing = standings[record.id]
            guard meant.contains(record.id) || standing != nil else { continue }
            let isGiven = !services.backend.given(record.task.definition, among: [id]).isEmpty
            entries.append(DeviceTaskEntry(record.task, standing, isGiven: isGiven, last: last[record.id]))
        }
        return try .ok(Page(items: entries, next: nil))
    }

    private func record(_ call: APICall) async throws -> RunRecord {
        guard let run = try await services.store.fetchRun(try call.id("run")) else { throw Problem.notFound("run") }
        return run
    }

    private func reply(_ run: RunRecord) async throws -> APIReply {
        guard let entry = try await entries([run]).first else { throw Problem.notFound("run") }
        return try .ok(entry)
    }

    /// With the names of those who ordered them.
    private func entries(_ runs: [RunRecord]) async throws -> [RunEntry] {
        let names = try await services.store.fetchPrincipalNames(of: runs.compactMap(\.principal))
        return runs.map { run in
            var entry = entry(run)
            entry.principalName = run.principal.flatMap { names[$0] }
            return entry
        }
    }

    private func entry(_ run: RunRecord) -> RunEntry {
        var entry = RunEntry(run)
        guard !run.state.isFinal else { return entry }
        if run.state == .running {
            let progress = services.backend.statistics(of: run.device)?.runs.first { $0.run == run.id }
            entry.share = progress?.share
            entry.step = progress.flatMap { $0.step.isEmpty ? nil : $0.step }
        } else {
            let liveness = services.backend.liveness(of: run.device)
            entry.nextSynchronization = liveness?.nextSynchronization
            entry.connectionState = liveness?.status?.state.code
            entry.permanentConnection = liveness?.isTicked
        }
        return entry
    }
}
