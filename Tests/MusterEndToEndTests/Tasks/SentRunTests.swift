import Foundation
import Glibc
import MusterModel
import MusterTestKit
import MusterWire
import Testing

/// `kill -9` of the server exactly between *sent* and *accepted*: the device has the order, and has not answered it.
@Suite(.fewAtATime)
struct SentRunTests {
    /// The device is one of the test's own, which answers when the test wants. That it was sent is written down a second later than it is sent: both
    /// are tried.
    @Test(arguments: DatabaseKind.allCases, [true, false])
    func itIsSentAgainUnderItsIdAndItsEndStoredOnce(database: DatabaseKind, isWrittenDown: Bool) async throws {
        let server = try await TestServer(database: database.makeURL())
        try await server.start()
        let device = try await SlowDevice(at: server)
        try await server.muster(
            "tasks", "create", "Once", "--application", "scripts", "--type", "run", "--set", "text=exit 0", "--device", device.id
        ).succeeded()
        func run() async throws -> [String: Any] {
            let runs = try await server.musterJSON("tasks", "runs", "Once")
            #expect(runs.count == 1)
            return try #require(runs.first)
        }
        func crash() async throws {
            try await server.kill()
            try await server.start()
        }

        var session = try await device.session()
        // Whoever orders it may be cut off, too.
        async let ordering = server.muster("tasks", "run", "Once")
        let first = try await session.action()
        if isWrittenDown { try await eventually("it is written down") { try await run().text("progress") == "sent" } }
        try await crash()
        _ = try? await ordering
        let waiting = try await run()
        #expect(waiting.text("state") == "pending" && waiting.text("accepted") == nil)
        #expect(first.kind == .runTask && RunID(bytes: Array(first.id))?.description == waiting.text("id"))

        session = try await device.session()
        let second = try await session.action()
        #expect(second.id == first.id && second.payload == first.payload && second.payloadSize == first.payloadSize)
        try session.report(second, .accepted)
        try await eventually("it is accepted") { try await run().text("state") == "accepted" }
        try await crash()

        // As an agent that has it written down: it goes on with it, and the server does not order it anew.
        session = try await device.session()
        #expect(try await session.actionsBeforePong().isEmpty)
        try session.report(second, .done)
        try await session.settled(second)
        try session.tell(device.story(of: try await run()))
        try await eventually("its end is stored") { try await run().text("state") == "succeeded" }
        try await crash()

        session = try await device.session(told: 2)
        #expect(try await session.actionsBeforePong().isEmpty)
        let ended = try await run()
        #expect(ended.text("state") == "succeeded" && ended.number("exitCode") == 0)
        for type in ["task-started", "task-finished"] { #expect(try await server.events(type, of: device.id).count == 1) }
    }

    /// The same with the real agent, stopped while the order lies in its connection.
    @Test(arguments: DatabaseKind.allCases)
    func aRealAgentBeginsItOnce(database: DatabaseKind) async throws {
        let site = try await TaskSite(database: database)
        try await site.makeTask("Once", "sleep 1")
        let agent = try #require(site.agent.pid)
        #expect(kill(agent, SIGSTOP) == 0)
        try await site.server.muster("tasks", "run", "Once").succeeded()
        try await eventually("it was sent") {
            let run = try await site.runs("Once").first
            return run?.text("progress") == "sent" && run?.text("route") == "connection"
        }
        try await site.server.kill()
        try await site.server.start()
        #expect(try await site.runs("Once").first?.text("state") == "pending" && site.marks.isEmpty)
        #expect(kill(agent, SIGCONT) == 0)
        try await eventually("it has ended") { try await site.runs("Once").first?.text("state") == "succeeded" }
        let runs = try await site.runs("Once")
        #expect(runs.count == 1 && runs.texts("id") == site.marks, "once, under its id")
        for type in ["task-started", "task-finished"] { #expect(try await site.site.events(type).count == 1, "\(type)") }
    }
}

/// A device that says what the test wants: one process, whose events are of one epoch.
private struct SlowDevice {
    private let device: RawDevice
    private let process = UInt64.random(in: 1 ... .max)
    private let epoch = UInt64.random(in: 1 ... .max)
    let id: String

    init(at server: TestServer) async throws {
        device = try await RawDevice(enrollingAt: server)
        id = try #require(device.id).description
    }

    /// - Parameter told: events that it told already.
    func session(told: UInt64 = 0) async throws -> RawConnection {
        let connection = try await device.greeting { hello in
            hello.runID = process
            hello.events.epoch = epoch
            (hello.events.firstHeld, hello.events.next) = (told + 1, told + 1)
        }
        guard case .welcome = try await connection.next() else { throw FixtureError(description: "no Welcome") }
        return connection
    }

    /// What a device tells of a run that succeeded, from its first event on.
    func story(of run: [String: Any]) throws -> Muster_V1_EventBatch {
        var report = RunReport(
            run: try #require(RunID(run.text("id") ?? "")), task: try #require(TaskID(run.text("task") ?? "")), revision: 1,
            application: .scripts, type: "run")
        let started = report.event(name: "Once", occurred: .now())
        report.end = RunReport.End(result: .succeeded, exitCode: 0, duration: .seconds(1))
        let events = [started, report.event(name: "Once", occurred: .now())]
        return Muster_V1_EventBatch(
            events.enumerated().map { number, event in
                NumberedEvent(
                    first: EventSequence(epoch: epoch, number: UInt64(number) + 1), stamp: 0, content: .event(event))
            }, clockOffset: .zero)
    }
}

extension RawConnection {
    /// The next that comes.
    fileprivate func action() async throws -> Muster_V1_Action {
        while let message = try await next() { if case .action(let action) = message { return action } }
        throw FixtureError(description: "the session ended without an action")
    }

    fileprivate func report(_ action: Muster_V1_Action, _ progress: Muster_V1_ActionProgress) throws {
        var report = Muster_V1_ActionReport()
        report.id = action.id
        report.progress = progress
        report.time = Timestamp.now().milliseconds
        try send(.actionReport(report))
    }

    /// Waits until the server has stored its end.
    fileprivate func settled(_ action: Muster_V1_Action) async throws {
        while let message = try await next() {
            if case .actionSettled(let settled) = message, settled.id == action.id { return }
        }
        throw FixtureError(description: "the session ended before the action was settled")
    }

    fileprivate func tell(_ events: Muster_V1_EventBatch) throws { try send(.events(events)) }

    /// What the server had to say at once goes before its answer.
    fileprivate func actionsBeforePong() async throws -> [Muster_V1_Action] {
        var ping = Muster_V1_Ping()
        ping.id = 7
        try send(.ping(ping))
        var actions: [Muster_V1_Action] = []
        while let message = try await next() {
            switch message {
            case .action(let action): actions.append(action)
            case .pong: return actions
            default: break
            }
        }
        throw FixtureError(description: "the session ended before Pong")
    }
}
