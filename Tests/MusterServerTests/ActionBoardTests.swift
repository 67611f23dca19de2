import MusterModel
import MusterSession
import Testing

@testable import MusterServer
@testable import MusterStore

@Suite("The actions without an end, as memory knows them")
struct ActionBoardTests {
    private let noon = Timestamp(milliseconds: 1_795_530_600_000)
    private let device = DeviceID.random()

    private func action(_ progress: ActionProgress = .pending, expires: Duration = .hours(1)) -> ActionRecord {
        ActionRecord(
            id: .random(), device: device, deviceName: "a", kind: .synchronize, progress: progress, created: noon,
            expires: noon + expires, code: "", text: "")
    }

    @Test("said until it is accepted, and gone at its end")
    func wayOfOne() {
        var board = ActionBoard()
        let action = action()
        board.add(action)
        board.add(action)
        #expect(board.orders(for: device, now: noon) == [ActionOrder(id: action.id, kind: 1, expiresAfter: .hours(1))])
        #expect(board.orders(for: .random(), now: noon).isEmpty && board.count == 1)
        board.accepted(action.id)
        #expect(board.orders(for: device, now: noon).isEmpty && board.count == 1)
        board.ended(action.id)
        board.ended(action.id)
        #expect(board.count == 0)
    }

    @Test("after a restart those that were said are said again, those that were accepted are not")
    func restart() {
        var board = ActionBoard()
        let (sent, accepted, done) = (action(.sent), action(.accepted), action(.done))
        for action in [sent, accepted, done] { board.add(action) }
        #expect(board.orders(for: device, now: noon).map(\.id) == [sent.id] && board.count == 2)
    }

    @Test("what is past its time is not said, and the device is told how long it has")
    func expiry() {
        var board = ActionBoard()
        board.add(action(expires: .seconds(10)))
        #expect(board.orders(for: device, now: noon + .seconds(4)).first?.expiresAfter == .seconds(6))
        #expect(board.orders(for: device, now: noon + .seconds(10)).isEmpty)
    }

    @Test("how the device was reached")
    func reach() {
        var board = ActionBoard()
        let action = action()
        board.add(action)
        #expect(board.reach(action.id, cameForRequest: nil, now: noon) == ActionReach(.connection))
        #expect(board.reach(action.id, cameForRequest: false, now: noon) == ActionReach(.synchronization))
        #expect(board.reach(action.id, cameForRequest: true, now: noon) == ActionReach(.synchronization))
        board.requested(device, now: noon)
        board.requested(device, now: noon + .seconds(9))
        let came = board.reach(action.id, cameForRequest: true, now: noon + .milliseconds(38))
        #expect(came == ActionReach(.connectionRequest, connectedAfter: .milliseconds(38)))
        board.requestFailed(device)
        board.requested(device, now: noon + .seconds(60))
        let cameLater = board.reach(action.id, cameForRequest: true, now: noon + .milliseconds(60_009))
        #expect(cameLater == ActionReach(.connectionRequest, connectedAfter: .milliseconds(9)))
    }

    @Test("another order for the same lets the device be reached anew, until it has accepted it")
    func extended() {
        var board = ActionBoard()
        let action = action(expires: .seconds(10))
        board.add(action)
        #expect(board.extend(action.id, to: noon + .seconds(99)) == device)
        #expect(board.orders(for: device, now: noon).first?.expiresAfter == .seconds(99))
        #expect(board.extend(action.id, to: noon + .seconds(5)) == device)
        #expect(board.orders(for: device, now: noon).first?.expiresAfter == .seconds(99))
        board.accepted(action.id)
        #expect(board.extend(action.id, to: noon + .seconds(99)) == nil)
    }

    @Test("a deleted device has none")
    func deleted() {
        var board = ActionBoard()
        board.add(action())
        board.forget(device)
        #expect(board.count == 0 && board.orders(for: device, now: noon).isEmpty)
    }

    /// One copy of a task for all its devices, until the last of them has taken or lost it.
    @Test("runs of a task carry it, stops the run")
    func payloads() {
        var board = ActionBoard()
        let (task, run) = (ActionSubject.task(.random(), revision: 3), RunID.random())
        func action(_ subject: ActionSubject, _ kind: ActionKind, of device: DeviceID) -> ActionRecord {
            ActionRecord(
                id: .random(), device: device, deviceName: "a", kind: kind, subject: subject, progress: .pending, created: noon,
                expires: noon + .hours(1), code: "", text: "")
        }
        let other = DeviceID.random()
        let (first, second) = (action(task, .runTask, of: device), action(task, .runTask, of: other))
        let stop = action(.run(run), .stopRun, of: device)
        for action in [first, second] { board.add(action, payload: [1, 2, 3]) }
        board.add(stop)
        #expect(board.orders(for: device, now: noon).map(\.payload) == [[1, 2, 3], run.bytes])
        board.ended(first.id)
        #expect(board.orders(for: other, now: noon).map(\.payload) == [[1, 2, 3]] && board.payloadCount == 1)
        board.forget(other)
        #expect(board.payloadCount == 0)
        // One whose task is not known any more is not said.
        board.add(action(task, .runTask, of: other))
        #expect(board.orders(for: other, now: noon).isEmpty)
    }
}
