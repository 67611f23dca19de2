import MusterModel
import Testing

@testable import MusterAgent

@Suite("The course of a run")
struct RunCourseTests {
    private let start = ContinuousClock.now
    private var course = RunCourse()

    private func run(_ phase: RunRecord.Phase = .accepted, isToStop: Bool = false) throws -> RunRecord {
        let task = TaskDefinition(
            id: .random(), revision: 1, name: "t", application: .apt, type: "refresh-lists", timing: try TaskTiming(.manually))
        return RunRecord(id: .random(), task: task, phase: phase, isScheduled: false, isToStop: isToStop, accepted: noon)
    }

    private mutating func step(
        _ run: RunRecord, _ sight: RunCourse.Sight, refusal: TaskRefusal? = nil, hasPlace: Bool = true, after seconds: Int64 = 0
    ) -> RunCourse.Step? {
        course.step(run, sight, refusal: refusal, hasPlace: hasPlace, now: start + .seconds(seconds), time: noon)
    }

    private let nothing = RunCourse.Sight()
    private let alive = RunCourse.Sight(hasBegun: true, isAlive: true)
    private let result = RunResultFile(result: .succeeded, ended: noon)

    @Test("begins, runs, ends")
    mutating func wholeCourse() throws {
        var run = try run()
        #expect(step(run, nothing) == .launch)
        #expect(step(run, nothing, after: 1) == nil, "its process comes")
        #expect(step(run, alive, after: 2) == .started)
        run.phase = .running
        #expect(step(run, alive, after: 3) == nil)
        #expect(step(run, RunCourse.Sight(hasBegun: true, isAlive: true, result: result)) == .ended(result))
    }

    @Test("waits for a place")
    mutating func place() throws {
        let run = try run()
        #expect(step(run, nothing, hasPlace: false) == nil)
        #expect(step(run, nothing, hasPlace: true, after: 1) == .launch)
        #expect(step(run, nothing, hasPlace: false, after: 70) == .launch, "it has one")
    }

    @Test("one that was over before anybody looked")
    mutating func fast() throws {
        var run = try run()
        let over = RunCourse.Sight(hasBegun: true, isAlive: false, result: result)
        #expect(step(run, over) == .started)
        run.phase = .running
        #expect(step(run, over) == .ended(result))
    }

    @Test("a process that does not come is started again, five times")
    mutating func lost() throws {
        let run = try run()
        var launches = 0
        var end: RunCourse.Step?
        for second in stride(from: Int64(0), through: 600, by: 1) where end == nil {
            switch step(run, nothing, after: second) {
            case .launch: launches += 1
            case let other?: end = other
            case nil: break
            }
        }
        #expect(launches == RunCourse.maximumLaunches)
        guard case .withdraw(let result)? = end else { return #expect(Bool(false), "\(String(describing: end))") }
        #expect(result.result == .failed && result.code == "notStarted")
    }

    @Test("one without a process and without a result was interrupted, also when the agent was away")
    mutating func interrupted() throws {
        guard case .ended(let result)? = step(try run(.running), RunCourse.Sight(hasBegun: true)) else {
            return #expect(Bool(false))
        }
        #expect(result.result == .interrupted)
    }

    @Test("what the owner forbids meanwhile does not begin, also when its process was started; what has begun goes on")
    mutating func forbidden() throws {
        let (waiting, started) = (try run(), try run())
        let refusal = TaskRefusal(code: "ceiling", text: "forbidden")
        #expect(step(started, nothing) == .launch)
        for run in [waiting, started] {
            guard case .withdraw(let result)? = step(run, nothing, refusal: refusal, after: 1) else {
                return #expect(Bool(false))
            }
            #expect(result.result == .failed && result.code == "ceiling" && result.text == "forbidden")
        }
        #expect(step(try run(.running), alive, refusal: refusal) == nil)
    }

    @Test("is told to stop once; before it began it just ends")
    mutating func stopped() throws {
        let running = try run(.running, isToStop: true)
        #expect(step(running, alive) == .stop)
        #expect(step(running, alive, after: 1) == nil)
        guard case .withdraw(let result)? = step(try run(isToStop: true), nothing) else { return #expect(Bool(false)) }
        #expect(result.result == .stopped)
    }
}
