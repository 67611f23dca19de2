import MusterModel
import MusterStore
import Testing

@testable import MusterServer

/// What is written down of actions, and when.
struct ActionMarksTests {
    private let start = Timestamp(milliseconds: 1_795_530_600_000)

    private func mark(_ id: ActionID, sent: Timestamp?, _ route: ActionRoute = .connection) -> ActionMark {
        ActionMark(id: id, sent: sent, reach: ActionReach(route))
    }

    @Test func waitsForTheAnswer() {
        let (answered, silent) = (ActionID.random(), ActionID.random())
        var marks = ActionMarks()
        marks.add(mark(answered, sent: start), now: start)
        marks.add(mark(silent, sent: start), now: start)
        #expect(marks.takeDue(now: start + .milliseconds(999)) == [])
        #expect(marks.take(answered) == mark(answered, sent: start))
        #expect(marks.take(answered) == nil)
        #expect(marks.takeDue(now: start + .seconds(1)) == [mark(silent, sent: start)])
        #expect(marks.isEmpty)
    }

    @Test func writesAtOnceWhatNobodyAnswers() {
        let id = ActionID.random()
        var marks = ActionMarks()
        marks.add(mark(id, sent: nil, .noAnswer), now: start)
        #expect(marks.takeDue(now: start) == [mark(id, sent: nil, .noAnswer)])
    }

    @Test func theLastRouteCountsAndTheFirstTime() {
        let id = ActionID.random()
        var marks = ActionMarks()
        marks.add(mark(id, sent: start), now: start)
        marks.add(mark(id, sent: start + .seconds(5), .connectionRequest), now: start + .milliseconds(500))
        #expect(marks.takeAll() == [mark(id, sent: start, .connectionRequest)])
        #expect(marks.isEmpty)
    }
}
