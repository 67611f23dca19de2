import MusterModel
import MusterStore

/// How actions were said, until it is written down: with the device's answer when that comes soon, otherwise together with others. So an
/// action for ten thousand devices that are connected is written twice for each, not three times. Lost in a crash, an action is said again.
struct ActionMarks: Sendable {
    /// How long an answer is waited for: a device answers within its round trip and a write to its disk.
    static let patience = Duration.seconds(1)

    private var marks: [ActionID: (mark: ActionMark, since: Timestamp)] = [:]

    var isEmpty: Bool { marks.isEmpty }

    /// The last route counts, and the first time it was said.
    mutating func add(_ mark: ActionMark, now: Timestamp) {
        let known = marks[mark.id]
        let sent = known?.mark.sent ?? mark.sent
        marks[mark.id] = (ActionMark(id: mark.id, sent: sent, reach: mark.reach), known?.since ?? now)
    }

    /// The device has answered: to be written with that.
    mutating func take(_ id: ActionID) -> ActionMark? { marks.removeValue(forKey: id)?.mark }

    /// To be written now: those that no answer is expected for, and those it did not come for.
    mutating func takeDue(now: Timestamp) -> [ActionMark] {
        let due = marks.filter { $0.value.mark.sent == nil || now - $0.value.since >= Self.patience }
        for id in due.keys { marks[id] = nil }
        return due.values.map(\.mark)
    }

    mutating func takeAll() -> [ActionMark] {
        defer { marks = [:] }
        return marks.values.map(\.mark)
    }
}
