import MusterModel
import MusterSession
import MusterWire
import Testing

@testable import MusterAgent

@Suite("Runs the agent remembers")
struct RunStateTests {
    private let fixture: StateFixture
    private var state: AgentState { fixture.state }
    private var spool: Spool { fixture.spool }

    init() throws { fixture = try StateFixture() }

    private func task(_ type: String = "run", settings: [String: ManagedValue] = ["text": .text("true")]) throws -> TaskDefinition
    {
        TaskDefinition(
            id: .random(), revision: 3, name: "A task", application: try #require(ApplicationID("scripts")), type: type,
            settings: settings, timing: try TaskTiming(.manually))
    }

    private func order(_ task: TaskDefinition, id: ActionID = .random()) -> ActionOrder {
        ActionOrder(id: id, kind: ActionKind.runTask.rawValue, payload: task.payload)
    }

    @Test func aRunIsWrittenDownOnceHoweverOftenItIsOrdered() throws {
        let task = try task()
        let order = order(task)
        for _ in 0..<50 { #expect(try state.acceptAction(order, under: .none, now: noon).progress == .done) }
        #expect(try state.openRuns().map(\.id) == [RunID(order.id)])
        #expect(try state.openRuns().first?.task == task)
        let run = try #require(try state.openRuns().first)
        _ = try state.runStarted(run, at: noon, in: spool)
        _ = try state.runEnded(
            run, RunReport.End(result: .succeeded, duration: .seconds(1)), hasOutput: true, at: noon + .seconds(1), in: spool)
        try state.forgetAction(order.id)
        // A server whose database was put back asks again.
        #expect(try fixture.reopened().state.acceptAction(order, under: .none, now: noon + .days(1)).progress == .done)
        #expect(try state.openRuns().isEmpty)
        #expect(try state.outputsWaiting() == [run.id])
        try state.forgetOutput(run.id)
        #expect(try state.outputsWaiting() == [])
    }

    @Test func tasksOfOthersGoByTheManifestsOfConnectors() throws {
        let web = try #require(ApplicationID("web"))
        func code(_ settings: [String: ManagedValue], _ type: String = "move", under ceiling: Ceiling = .none) throws -> String {
            let task = TaskDefinition(
                id: .random(), revision: 1, name: "T", application: web, type: type, settings: settings,
                timing: try TaskTiming(.manually))
            let report = try state.acceptAction(order(task), under: ceiling, now: noon)
            return report.progress == .done ? "" : report.code
        }
        #expect(try code(["where": .text("/a")]) == "notSupported", "there is no connector")
        let manifest = try ExternalManifest(
            json: Array(
                """
                {"id": "web", "version": "1", "title": "Web", "settings": [], "tasks": [{"type": "move", "title": "Move",
                 "settings": [{"key": "where", "type": "text", "format": "path", "title": "Where", "required": true}]}]}
                """.utf8))
        _ = try state.saveManifests([web: manifest])
        #expect(try code(["where": .text("/a")]) == "")
        #expect(try code(["where": .text("a")]) == "notAllowed")
        #expect(try code([:]) == "notAllowed")
        #expect(try code([:], "look") == "notSupported")
        for entry in ["external", "external/web", "external/web/move"] {
            let ceiling = try Ceiling(json: Array(#"{"forbid": {"tasks": ["\#(entry)"]}}"#.utf8))
            #expect(try code(["where": .text("/a")], under: ceiling) == "ceiling", "\(entry)")
        }
        let other = try Ceiling(json: Array(#"{"forbid": {"tasks": ["external/web/look"], "settings": ["external"]}}"#.utf8))
        #expect(try code(["where": .text("/a")], under: other) == "")
    }

    @Test func whatThisDeviceDoesNotRunIsRefusedWithItsReason() throws {
        func refusal(_ order: ActionOrder, under ceiling: Ceiling = .none) throws -> String {
            let report = try state.acceptAction(order, under: ceiling, now: noon)
            #expect(report.progress == .failed && !report.text.isEmpty)
            return report.code
        }
        #expect(try refusal(order(try task("walk"))) == "notSupported")
        #expect(try refusal(order(try task(settings: [:]))) == "notAllowed", "the text is missing")
        #expect(try refusal(order(try task(settings: ["text": .number(1)]))) == "notAllowed")
        #expect(try refusal(order(try task(settings: ["text": .text("true"), "colour": .text("red")]))) == "notAllowed")
        #expect(try refusal(order(try task()), under: .everything) == "ceiling")
        #expect(try refusal(ActionOrder(id: .random(), kind: 2, payload: [])) == "notSupported")
        #expect(try refusal(ActionOrder(id: .random(), kind: 2, payload: [255, 1, 2])) == "notSupported")
        #expect(try refusal(ActionOrder(id: .random(), kind: 3, payload: [1])) == "unknownRun")
        #expect(try refusal(ActionOrder(id: .random(), kind: 3, payload: RunID.random().bytes)) == "unknownRun")
        #expect(try state.openRuns().isEmpty)
    }

    @Test func moreThanFitAreRefused() throws {
        for second in 0..<AgentState.maximumOpenRuns {
            #expect(try state.acceptAction(order(try task()), under: .none, now: noon + .seconds(second)).progress == .done)
        }
        #expect(try state.acceptAction(order(try task()), under: .none, now: noon).code == "tooManyRuns")
    }

    @Test func oneThatWasOrderedToStopIsKnownToBe() throws {
        let order = order(try task())
        _ = try state.acceptAction(order, under: .none, now: noon)
        let stop = ActionOrder(id: .random(), kind: ActionKind.stopRun.rawValue, payload: order.id.bytes)
        #expect(try state.acceptAction(stop, under: .none, now: noon).progress == .done)
        #expect(try state.openRuns().map(\.isToStop) == [true])
    }

    @Test func startAndEndAreEventsWithTheRun() throws {
        let order = order(try task())
        _ = try state.acceptAction(order, under: .none, now: noon)
        let run = try #require(try state.openRuns().first)
        _ = try state.runStarted(run, at: noon, in: spool)
        let end = RunReport.End(
            result: .failed, exitCode: 7, code: "exitCode", text: "it ended with 7", duration: .seconds(3), outputBytes: 9,
            figures: ["installed": 2])
        _ = try state.runEnded(run, end, hasOutput: false, at: noon + .seconds(3), in: spool)
        let events = try spool.batch(after: 0, maximumBytes: 1 << 20).compactMap { event -> DeviceEvent? in
            if case .event(let event) = event.content { event } else { nil }
        }
        #expect(events.map(\.type) == [EventType.taskStarted, EventType.taskFailed])
        let reports = events.compactMap { RunReport($0) }
        #expect(reports.map(\.run) == [run.id, run.id] && reports.first?.end == nil && reports.last?.end == end)
        #expect(reports.map(\.revision) == [3, 3] && reports.first?.task == run.task.id)
    }

    @Test func whatItsProcessTellsIsRaisedOnce() throws {
        _ = try state.acceptAction(order(try task()), under: .none, now: noon)
        let run = try #require(try state.openRuns().first)
        let event = DeviceEvent(type: "x", severity: .info, occurred: noon, text: "x")
        try state.raise([event], of: run.id, read: 100, in: spool)
        #expect(try fixture.reopened().state.eventsRead(of: run.id) == 100)
        #expect(try spool.position().count == 1)
    }

    @Test func ofThoseThatHaveEndedTheNewestAreKept() throws {
        for second in 0..<(AgentState.maximumOutputs + 5) {
            _ = try state.acceptAction(order(try task()), under: .none, now: noon + .seconds(second))
            let run = try #require(try state.openRuns().first)
            _ = try state.runEnded(run, RunReport.End(result: .stopped, duration: .zero), hasOutput: true, at: noon, in: spool)
        }
        #expect(try state.outputsWaiting().count == AgentState.maximumOutputs)
    }

    @Test func howTasksStandIsADocumentThatChangesOnlyWithThem() throws {
        let scheduled = TaskDefinition(
            id: .random(), revision: 1, name: "t", application: try #require(ApplicationID("scripts")), type: "run",
            settings: ["text": .text("true")], timing: try TaskTiming(try TaskSchedule("daily 03:00")))
        #expect(try !state.saveStandings(under: .none), "no tasks, no document")
        try state.saveHeld(.tasks, Document(tasks: [scheduled]))
        #expect(try state.saveStandings(under: .none))
        #expect(try !state.saveStandings(under: .none))
        #expect(
            try state.reported(.taskStates)?.standings() == [TaskStanding(task: scheduled.id, revision: 1, state: .waiting)])
        #expect(try state.saveStandings(under: .everything))
        #expect(try state.reported(.taskStates)?.standings().map(\.state) == [.refused])
    }
}
