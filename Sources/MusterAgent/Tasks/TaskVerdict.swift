import MusterModel

/// Whether this device runs a task: it must know how, its owner must not forbid it, and its settings must be as the type takes them.
enum TaskVerdict: Hashable, Sendable {
    case allowed
    case refused(TaskRefusal)

    static func judge(_ task: TaskDefinition, under ceiling: Ceiling) -> Self {
        guard let declaration = ApplicationManifest.builtIn(task.application)?.task(task.type),
            TaskWorks.work(for: task.application, task.type) != nil
        else { return .refused(.notSupported("this agent knows no task '\(task.type)' of \(task.application)")) }
        guard !ceiling.forbids(task: task.type, of: task.application) else {
            return .refused(
                TaskRefusal(
                    code: "ceiling", text: "the device's owner forbids tasks '\(task.type)' of \(task.application) (agent.conf)"))
        }
        do throws(SettingFault) {
            try ApplicationManifest.builtIn(task.application)?.check(task.settings, ofTask: declaration)
        } catch {
            return .refused(TaskRefusal(code: "notAllowed", text: "\(error.key): \(error.text) Allowed: \(error.allowed)"))
        }
        return .allowed
    }
}

/// Why a device does not run a task: a code for programs, and for people a sentence.
struct TaskRefusal: Hashable, Sendable {
    let code: String
    let text: String

    static func notSupported(_ text: String) -> Self { Self(code: "notSupported", text: text) }
    static let tooMany = Self(
        code: "tooManyRuns",
        text: "\(AgentState.maximumOpenRuns) runs wait or are under way on this device; order it again when some have ended")
}
