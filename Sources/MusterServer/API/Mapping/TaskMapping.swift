import MusterAPI
import MusterModel
import MusterStore

/// Tasks as the API shows them, with what they are for by name.
struct TaskShowing: Sendable {
    private let administration: Administration
    private let selections: [SelectionID: String]
    private let deviceNames: [DeviceID: String]

    /// - Parameter shown: the tasks that are shown: the devices they name are asked for all at once.
    init(_ services: APIServices, of shown: [TaskRecord]) async throws {
        administration = services.backend.administration
        let records = try await services.store.fetchSelections()
        selections = Dictionary(records.map { ($0.id, $0.name) }) { first, _ in first }
        deviceNames = try await services.store.fetchDeviceNames(
            of: Array(Set(shown.flatMap(\.task.scope.namedDevices))), isDeletedToo: false)
    }

    func entry(_ record: TaskRecord) -> TaskEntry {
        let definition = record.task.definition
        let timing = definition.timing
        return TaskEntry(
            id: record.id, name: definition.name, application: definition.application.description, type: definition.type,
            settings: definition.settings.mapValues { ManagedValueEntry($0) }, schedule: "\(timing.schedule)",
            runMissed: timing.runsMissed, randomDelaySeconds: timing.randomDelay.components.seconds,
            stopAfterSeconds: timing.stopAfter?.components.seconds, scope: scope(record.task.scope),
            expiresAfterSeconds: record.task.wait.components.seconds, revision: definition.revision, created: record.created,
            changed: record.changed)
    }

    private func scope(_ scope: TaskScope) -> TaskScopeEntry {
        switch scope {
        case .group(let group): TaskScopeEntry(group: administration.reference(to: group))
        case .selection(let id): TaskScopeEntry(selection: SelectionReference(id: id, name: selections[id] ?? "\(id)"))
        case .devices(let devices): TaskScopeEntry(devices: devices, deviceNames: names(of: devices))
        }
    }

    private func names(of devices: [DeviceID]) -> [String: String] {
        let known = devices.compactMap { device in deviceNames[device].map { (device.description, $0) } }
        return Dictionary(known) { first, _ in first }
    }
}

extension TaskScope {
    fileprivate var namedDevices: [DeviceID] { if case .devices(let devices) = self { devices } else { [] } }
}

extension RunEntry {
    init(_ run: RunRecord) {
        self.init(
            id: run.id, task: run.task, taskName: run.taskName, application: run.application, type: run.type,
            revision: run.revision, device: run.device, deviceName: run.deviceName, state: run.state.code,
            origin: run.principal == nil ? "schedule" : "order", created: run.created)
        order = run.order
        principal = run.principal.map { "\($0.kind) \($0.id)" }
        started = run.started
        ended = run.ended
        durationSeconds = run.duration.map { Double($0.milliseconds) / 1000 }
        exitCode = run.exitCode
        code = run.code.isEmpty ? nil : run.code
        text = run.text.isEmpty ? nil : run.text
        figures = run.figures
        outputBytes = run.outputBytes
        hasOutput = run.hasOutput
        guard !run.state.isFinal, let action = run.action else { return }
        progress = action.progress.code
        route = action.reach?.route.rawValue
        connectedAfterMilliseconds = action.reach?.connectedAfter?.milliseconds
        sent = action.sent
        expires = action.expires
    }
}

extension RunOutputEntry {
    init(_ run: RunID, _ output: RunOutput) {
        let cut = output.cut.map { min(max(0, $0), output.bytes.count) }
        self.init(
            run: run, head: String(decoding: output.bytes.prefix(cut ?? output.bytes.count), as: UTF8.self),
            tail: cut.map { String(decoding: output.bytes.dropFirst($0), as: UTF8.self) },
            leftOutBytes: max(0, output.total - Int64(output.bytes.count)), totalBytes: output.total)
    }
}

extension DeviceTaskEntry {
    /// - Parameters:
    ///   - standing: as the device reported it; it knows those that begin by themselves.
    ///   - isGiven: its connector of the application knows it, and the manifest was accepted.
    ///   - last: how it went on this device.
    init(_ task: ManagedTask, _ standing: TaskStanding?, isGiven: Bool, last: LastRuns?) {
        let definition = task.definition
        self.init(
            task: definition.id, name: definition.name, application: definition.application.description,
            type: definition.type, schedule: "\(definition.timing.schedule)", revision: definition.revision)
        lastResult = last?.lastEnded?.state.code
        if let standing {
            take(standing)
        } else if !isGiven {
            (state, code) = (TaskStanding.State.refused.code, "notGiven")
            text = "the device has no connector of \(definition.application) that knows this task and whose manifest is accepted"
        } else if !task.isScheduled {
            take(last?.last)
        }
    }

    private mutating func take(_ standing: TaskStanding) {
        heldRevision = standing.revision
        state = standing.state.code
        code = standing.code.isEmpty ? nil : standing.code
        text = standing.text.isEmpty ? nil : standing.text
        lastResult = standing.lastResult?.rawValue ?? lastResult
    }

    /// One that is ordered alone: what its last run said.
    private mutating func take(_ last: RunRecord?) {
        switch last?.state {
        case .running: state = TaskStanding.State.running.code
        case .refused:
            state = TaskStanding.State.refused.code
            code = last.flatMap { $0.code.isEmpty ? nil : $0.code }
            text = last.flatMap { $0.text.isEmpty ? nil : $0.text }
        default: state = TaskStanding.State.waiting.code
        }
    }
}

/// What was done to a task, for the audit trail: `schedule daily 03:00; paths = /home`. Secrets show as dots.
enum TaskChangeWords {
    static func text(from old: ManagedTask, to new: ManagedTask) -> String {
        var words: [String] = []
        let (before, after) = (old.definition, new.definition)
        if before.name != after.name { words.append("called '\(before.name)' before") }
        for key in Set(before.settings.keys).union(after.settings.keys).sorted() where before.settings[key] != after.settings[key]
        {
            words.append(after.settings[key].map { "\(key) = \("\($0)".prefix(100))" } ?? "\(key) not set any more")
        }
        if before.timing != after.timing { words.append("schedule \(after.timing.schedule)") }
        if old.scope != new.scope { words.append("scope changed") }
        if old.wait != new.wait { words.append("orders wait \(new.wait.text)") }
        return words.joined(separator: "; ")
    }
}
