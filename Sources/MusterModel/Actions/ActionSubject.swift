/// What an action is about beside its kind. Of one kind and about the same, a device has at most one that it has not begun.
package enum ActionSubject: Hashable, Sendable {
    case none
    /// Of `runTask`: the task as it was at that revision.
    case task(TaskID, revision: Int64)
    /// Of `stopRun`.
    case run(RunID)
}

/// As tables have it: nothing, `task ID REVISION`, `run ID`.
extension ActionSubject: LosslessStringConvertible {
    package init?(_ description: String) {
        let words = description.split(separator: " ")
        switch (words.first, words.count) {
        case (nil, _): self = .none
        case ("task", 3):
            guard let task = TaskID(String(words[1])), let revision = Int64(words[2]) else { return nil }
            self = .task(task, revision: revision)
        case ("run", 2):
            guard let run = RunID(String(words[1])) else { return nil }
            self = .run(run)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .none: ""
        case .task(let task, let revision): "task \(task) \(revision)"
        case .run(let run): "run \(run)"
        }
    }
}
