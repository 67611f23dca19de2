import DequeModule
import MusterSession

/// Orders that run one after the other. Bounded by the machine: it lets a device have so many batches and documents under way.
struct WorkLane {
    private var waiting: Deque<ServerSession.Action> = []
    private var isBusy = false

    mutating func append(_ action: ServerSession.Action) { waiting.append(action) }

    /// The next order, when none is being run.
    mutating func begin() -> ServerSession.Action? {
        guard !isBusy, let next = waiting.popFirst() else { return nil }
        isBusy = true
        return next
    }

    mutating func ended() { isBusy = false }
}
