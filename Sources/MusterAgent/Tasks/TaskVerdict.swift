import MusterModel

/// Whether this device runs a task: it must know how, or have a connector that does, its owner must not forbid it, and its settings must be
/// as the type takes them.
enum TaskVerdict: Hashable, Sendable {
    case allowed
    case refused(TaskRefusal)

    /// - Parameter others: manifests of connectors, as they are told to the server.
    static func judge(
        _ task: TaskDefinition, under ceiling: Ceiling, others: [ApplicationID: ApplicationManifest]
    ) -> Self {
        let isBuiltIn = TaskWorks.builtIn(task.application, task.type) != nil
        guard let manifest = isBuiltIn ? ApplicationManifest.builtIn(task.application) : others[task.application],
            let declaration = manifest.task(task.type)
        else { return .refused(.notSupported("this agent knows no task '\(task.type)' of \(task.application)")) }
        if let refusal = TaskRefusal(of: task, by: ceiling) { return .refused(refusal) }
        do throws(SettingFault) {
            try manifest.check(task.settings, ofTask: declaration)
        } catch {
            return .refused(TaskRefusal(code: "notAllowed", text: "\(error.key): \(error.text) Allowed: \(error.allowed)"))
        }
        return .allowed
    }
}

extension SQLiteConnection {
    /// Those that tasks of applications that are not built in go by; looked for only where there are such.
    func manifestsOfOthers(for tasks: some Sequence<TaskDefinition>) throws(AgentError) -> [ApplicationID: ApplicationManifest] {
        guard tasks.contains(where: { ApplicationManifest.builtIn($0.application) == nil }) else { return [:] }
        return try reportedManifests().mapValues(\.manifest)
    }
}

extension AgentState {
    func manifestsOfOthers(for tasks: some Sequence<TaskDefinition>) throws(AgentError) -> [ApplicationID: ApplicationManifest] {
        try database.read { (connection) throws(AgentError) in try connection.manifestsOfOthers(for: tasks) }
    }
}

/// Why a device does not run a task: a code for programs, and for people a sentence.
struct TaskRefusal: Hashable, Sendable {
    let code: String
    let text: String

    init(code: String, text: String) { (self.code, self.text) = (code, text) }

    /// Nil where the device's owner does not forbid it.
    init?(of task: TaskDefinition, by ceiling: Ceiling) {
        guard ceiling.forbids(task: task.type, of: task.application) else { return nil }
        code = "ceiling"
        text = "the device's owner forbids tasks '\(task.type)' of \(task.application) (agent.conf)"
    }

    static func notSupported(_ text: String) -> Self { Self(code: "notSupported", text: text) }
    static let tooMany = Self(
        code: "tooManyRuns",
        text: "\(AgentState.maximumOpenRuns) runs wait or are under way on this device; order it again when some have ended")
}
