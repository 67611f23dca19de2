import MusterModel
import Testing

@testable import MusterAgent

/// When failing connections become an event.
struct ConnectionFailureTests {
    private let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func failure(
        after old: ConnectionFailure?, _ seconds: Int, _ reason: CloseReason = .unreachable
    ) -> (failure: ConnectionFailure, isEventDue: Bool) {
        let now = start + .seconds(seconds)
        var failure = ConnectionFailure(after: old, reason: reason, text: "", now: now, nextTry: now)
        let isDue = failure.isEventDue(now: now)
        if isDue { failure.isReported = true }
        return (failure, isDue)
    }

    /// With a back-off that begins at a second there are many attempts before it has lasted.
    @Test func anEventOnceItHasLasted() {
        var last: ConnectionFailure?
        var due: [Int] = []
        for second in [0, 1, 3, 4, 9, 18, 29, 30, 31, 60, 120] {
            let next = failure(after: last, second)
            if next.isEventDue { due.append(second) }
            last = next.failure
        }
        #expect(due == [30])
        #expect(last?.attempts == 11 && last?.since == start)
    }

    @Test func atOnceWhenAPersonHasToAct() {
        let first = failure(after: nil, 0, .deviceDeleted)
        #expect(first.isEventDue)
        #expect(!failure(after: first.failure, 100, .deviceDeleted).isEventDue)
    }

    /// It could not be reached, then it was and refused.
    @Test func atOnceWhenAPersonHasToActInTheEnd() {
        let first = failure(after: nil, 0)
        #expect(!first.isEventDue)
        #expect(failure(after: first.failure, 1, .deviceDeleted).isEventDue)
    }
}
