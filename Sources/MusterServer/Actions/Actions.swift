import Logging
import MusterModel
import MusterSession
import MusterStore
import NIOCore
import ServiceLifecycle
import Synchronization

/// Actions on their way to devices and back: stored before they are said, said over an open connection, after a connection request, or at the
/// next synchronization, whichever comes first; said again after a restart until the device has accepted them.
///
/// Many at once are paced: `rate` devices a second are reached, so that one order for a whole fleet leaves room for everything else.
final class Actions: Service {
    /// Devices reached in one turn, and turns a second: 2,000 devices a second.
    private static let turn = 40
    private static let period = Duration.milliseconds(20)
    /// Between two writes of what was said.
    private static let marking = 5
    /// Between two looks for what is past its time.
    private static let expiring = 250

    private struct State {
        var board = ActionBoard()
        /// Devices to reach, in order.
        var waiting: [DeviceID] = []
        /// Of those, to be reached also when no action waits for them.
        var wanted: Set<DeviceID> = []
        var marks = ActionMarks()
    }

    let store: Store
    private let directory: DeviceDirectory
    private let reacher: any DeviceReacher
    private let logger: Logger
    let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(
        store: Store, directory: DeviceDirectory, reacher: any DeviceReacher, open: [ActionRecord],
        payloads: [ActionSubject: [UInt8]] = [:], logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.directory = directory
        self.reacher = reacher
        self.logger = logger
        self.now = now
        state.withLock { state in for action in open { state.board.add(action, payload: payloads[action.subject]) } }
    }

    /// Actions without an end.
    var openCount: Int { state.withLock { $0.board.count } }

    /// - Parameter devices: nil: all there are.
    func order(
        _ kind: ActionKind, for devices: [DeviceID]?, expires: Timestamp, principal: AuditPrincipal
    ) async throws(StoreError) -> ActionOrderRecord {
        let order = ActionOrderRecord(id: .random(), kind: kind, created: now(), expires: expires, principal: principal)
        let created = try await store.createActions(order, devices: devices)
        begin(created)
        return created.order
    }

    /// What was created is on its way from now on. - Parameter payload: of runs of a task.
    func begin(_ created: CreatedActions, payload: [UInt8]? = nil) {
        state.withLock { state in
            for action in created.new { state.board.add(action, payload: payload) }
            // Asked again, a device is reached for again: something may have changed on the way to it.
            state.waiting += created.shared.compactMap { state.board.extend($0, to: created.order.expires) }
            state.waiting += created.new.map(\.device)
        }
    }

    /// They are over in the database.
    func ended(_ ids: [ActionID]) { state.withLock { state in for id in ids { state.board.ended(id) } } }

    /// A session of the device begins. - Returns: what is said in it right after Welcome.
    func sessionOpened(_ device: DeviceID, cameForRequest: Bool) -> [ActionOrder] {
        let now = now()
        return state.withLock { state in
            let orders = state.board.orders(for: device, now: now)
            for order in orders {
                let reach = state.board.reach(order.id, cameForRequest: cameForRequest, now: now)
                state.marks.add(ActionMark(id: order.id, sent: now, reach: reach), now: now)
            }
            return orders
        }
    }

    /// Said in a session that was open.
    func said(_ id: ActionID) {
        let now = now()
        state.withLock { state in
            let reach = state.board.reach(id, cameForRequest: nil, now: now)
            state.marks.add(ActionMark(id: id, sent: now, reach: reach), now: now)
        }
    }

    /// What a device said of one. Durable when it returns.
    func report(_ report: ActionReport, of device: DeviceID) async throws(StoreError) {
        let now = now()
        let mark = state.withLock { $0.marks.take(report.id) }
        do {
            _ = try await store.storeActionReport(
                report.id, of: device, progress: report.progress, code: report.code, text: report.text, mark: mark, now: now)
        } catch {
            if let mark { state.withLock { $0.marks.add(mark, now: now) } }
            throw error
        }
        state.withLock { state in
            if report.progress.isFinal { state.board.ended(report.id) } else { state.board.accepted(report.id) }
        }
    }

    /// - Returns: how many were cancelled; nil when there is no such order.
    func cancel(_ order: ActionOrderID, principal: AuditPrincipal) async throws(StoreError) -> Int? {
        guard let ids = try await store.cancelActions(order, principal: principal, now: now()) else { return nil }
        ended(ids)
        return ids.count
    }

    func forget(_ device: DeviceID) { state.withLock { $0.board.forget(device) } }

    // MARK: Reaching

    /// Has the device connect if it can be asked to, whether or not an action waits for it.
    func reachOnce(_ device: DeviceID) {
        state.withLock { state in
            state.wanted.insert(device)
            state.waiting.append(device)
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                var turn = 0
                while (try? await Task.sleep(for: Self.period)) != nil {
                    for device in self.takeTurn() { self.reach(device, in: &group) }
                    turn += 1
                    if turn.isMultiple(of: Self.marking) { await self.writeDueMarks() }
                    if turn.isMultiple(of: Self.expiring) { await self.expire() }
                }
                group.cancelAll()
            }
        }
        await write(state.withLock { $0.marks.takeAll() })
    }

    private func takeTurn() -> [DeviceID] {
        state.withLock { state in
            let turn = Array(state.waiting.prefix(Self.turn))
            state.waiting.removeFirst(turn.count)
            return turn
        }
    }

    private func reach(_ device: DeviceID, in group: inout DiscardingTaskGroup) {
        let now = now()
        let (orders, isWanted, isOneOfMany) = state.withLock { state in
            (state.board.orders(for: device, now: now), state.wanted.remove(device) != nil, !state.waiting.isEmpty)
        }
        guard !orders.isEmpty || isWanted else { return }
        if let channel = directory.openChannel(of: device) {
            for order in orders { channel.pipeline.fireUserInboundEventTriggered(ConnectionOrder.action(order)) }
            return
        }
        state.withLock { $0.board.requested(device, now: now) }
        group.addTask {
            let isReached = await self.reacher.reach(device, isOneOfMany: isOneOfMany)
            guard !isReached.hasConnected else { return }
            let route = isReached.wasAsked ? ActionRoute.noAnswer : .synchronization
            self.state.withLock { state in
                state.board.requestFailed(device)
                for order in orders {
                    state.marks.add(ActionMark(id: order.id, sent: nil, reach: ActionReach(route)), now: now)
                }
            }
        }
    }

    private func writeDueMarks() async {
        let now = now()
        await write(state.withLock { $0.marks.takeDue(now: now) })
    }

    private func write(_ marks: [ActionMark]) async {
        guard !marks.isEmpty else { return }
        do {
            try await store.markActions(marks)
        } catch {
            // Nothing is lost but what people see meanwhile: an action is said again until the device reports it.
            logger.warning("actions.marking.failed", metadata: ["error": "\(error)"])
        }
    }

    private func expire() async {
        do {
            let ids = try await store.expireActions(now: now())
            ended(ids)
        } catch {
            logger.warning("actions.expiring.failed", metadata: ["error": "\(error)"])
        }
    }
}

/// Asks a device that is not connected to connect.
protocol DeviceReacher: Sendable {
    /// Returns when it has connected, or will not soon.
    func reach(_ device: DeviceID, isOneOfMany: Bool) async -> ReachOutcome
}

/// What came of asking a device to connect.
struct ReachOutcome: Hashable, Sendable {
    /// Something was sent to it.
    var wasAsked: Bool
    var hasConnected: Bool

    static let notReachable = ReachOutcome(wasAsked: false, hasConnected: false)
}
