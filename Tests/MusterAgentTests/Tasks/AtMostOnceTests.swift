import MusterModel
import MusterSession
import MusterWire
import Testing

@testable import MusterAgent

/// A run begins at most once, wherever the agent and the process of the run are killed, and however often it is ordered.
@Suite("A run begins at most once")
struct AtMostOnceTests {
    /// One run on one device, whose disk survives and whose processes do not. The database, the folder and the rules are the real ones.
    private struct Device {
        let fixture: StateFixture
        let order: ActionOrder
        var state: AgentState
        var spool: Spool
        var course = RunCourse()
        var clock = ContinuousClock.now
        /// Processes that were started and did not begin yet; the one that began, while it lives.
        var starting = 0
        var isAlive = false
        var begins = 0

        var run: RunID { RunID(order.id) }
        var folder: RunFolder { RunFolder(run, in: fixture.directory.path) }

        init(_ task: TaskDefinition) throws {
            fixture = try StateFixture(in: "/dev/shm")
            order = ActionOrder(id: .random(), kind: ActionKind.runTask.rawValue, payload: task.payload)
            (state, spool) = (fixture.state, fixture.spool)
        }

        mutating func restart() throws {
            (state, spool) = try fixture.reopened()
            course = RunCourse()
        }

        /// What `TaskService` does in a turn.
        /// - Parameters:
        ///   - crashes: the agent is killed before it has done what it decided.
        ///   - races: a process that was started begins between what the agent saw and what it does.
        mutating func turn(crashes: Bool, races: Bool = false) throws {
            for run in try state.openRuns() {
                let sight = RunCourse.Sight(hasBegun: folder.start != nil, isAlive: isAlive, result: folder.result)
                guard let step = course.step(run, sight, hasPlace: true, now: clock, time: noon), !crashes else { continue }
                if races { try begin(lives: true) }
                switch step {
                case .launch:
                    try folder.make(RunOrderFile(run: run.id, task: run.task.payload))
                    starting += 1
                case .started: _ = try state.runStarted(run, at: noon, in: spool)
                case .ended(let result): try end(run, result)
                case .withdraw(let result): if try folder.withdraw() { try end(run, result) }
                case .stop: isAlive = false
                }
            }
        }

        private mutating func end(_ run: RunRecord, _ result: RunResultFile) throws {
            _ = try state.runEnded(
                run, RunReport.End(result: result.result, duration: .zero), hasOutput: false, at: noon, in: spool)
            course.ended(run.id)
            // One that does the run needs it.
            if !isAlive { folder.remove() }
        }

        /// Somebody orders that it ends.
        func stop() throws {
            let order = ActionOrder(id: .random(), kind: ActionKind.stopRun.rawValue, payload: run.bytes)
            _ = try state.acceptAction(order, under: .none, now: noon)
        }

        /// A process that was started gets its turn: it begins if it may. - Parameter lives: it is not killed right then.
        mutating func begin(lives: Bool) throws {
            guard starting > 0 else { return }
            starting -= 1
            // Its folder may be gone with its run's end.
            guard folder.order != nil, try folder.begin(at: noon) != nil else { return }
            begins += 1
            isAlive = lives
        }

        mutating func finish() throws {
            guard isAlive else { return }
            try folder.write(RunResultFile(result: .succeeded, ended: noon))
            isAlive = false
        }

        /// The device is switched off and on.
        mutating func powerCycle() throws {
            (starting, isAlive) = (0, false)
            try restart()
        }
    }

    @Test("in 10,000 tries with kills and replays at random places")
    func tries() throws {
        let task = TaskDefinition(
            id: .random(), revision: 1, name: "t", application: try #require(ApplicationID("scripts")), type: "run",
            settings: ["text": .text("true")], timing: try TaskTiming(.manually))
        var generator = Sequence64(value: 20_261_125)
        var tries = 0
        var ended = 0
        while tries < 10_000 {
            var device = try Device(task)
            for _ in 0..<40 {
                tries += 1
                switch Int.random(in: 0..<16, using: &generator) {
                case 0...2: _ = try device.state.acceptAction(device.order, under: .none, now: noon)
                case 3: try device.state.forgetAction(device.order.id)
                case 4...7: try device.turn(crashes: false, races: .random(using: &generator))
                case 8:
                    try device.turn(crashes: true)
                    try device.restart()
                case 9: try device.restart()
                case 10...11: try device.begin(lives: .random(using: &generator))
                case 12: try device.finish()
                case 13: try device.powerCycle()
                case 14: if Int.random(in: 0..<4, using: &generator) == 0 { try device.stop() } else { device.isAlive = false }
                default: device.clock += .seconds(61)
                }
            }
            #expect(device.begins <= 1, "after \(tries) tries")
            // Left alone it comes to its end.
            _ = try device.state.acceptAction(device.order, under: .none, now: noon)
            for _ in 0..<20 {
                try device.turn(crashes: false)
                while device.starting > 0 { try device.begin(lives: true) }
                try device.finish()
                device.clock += .seconds(61)
            }
            #expect(try device.state.openRuns().isEmpty && device.begins <= 1)
            let events = try device.spool.batch(after: 0, maximumBytes: 1 << 20).compactMap { event in
                if case .event(let event) = event.content { event.type } else { nil }
            }
            #expect(events.count(where: { $0 == EventType.taskStarted }) == device.begins, "one event of its start: \(events)")
            #expect(events.count(where: { $0 != EventType.taskStarted }) == 1, "one of its end: \(events)")
            ended += device.begins
        }
        #expect(ended > 100, "most began")
    }
}
