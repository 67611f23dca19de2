import Glibc
import MusterModel
import MusterTestKit
import Testing

@testable import MusterAgent

@Suite("Tasks that connectors of others do")
struct ConnectorTaskTests {
    private let script: ConnectorScript
    private let device: TaskRehearsal

    init() throws {
        script = try ConnectorScript()
        device = try TaskRehearsal()
    }

    private func run(_ settings: [String: ManagedValue] = [:]) async throws -> TaskConclusion {
        let task = TaskDefinition(
            id: .wellKnown(1), revision: 1, name: "Night", application: ConnectorScript.web, type: "move", settings: settings,
            timing: try TaskTiming(.manually))
        return await ConnectorTask(directory: script.directory).run(task, in: device.context)
    }

    /// One whose answer to `run` is made by `does`.
    private func write(_ does: String) throws {
        try script.write("web", ConnectorScript.python(tricks: "if request == \"run\":\n            \(does)"))
    }

    @Test func itIsAskedOnceAndTellsHowFarItIs() async throws {
        try write(
            #"""
            say(notice="progress", percent=5, step="beginning")
                        say(notice="changed")
                        say(notice="weather", sky="blue")
                        print("with " + json.dumps(message, sort_keys=True), file=sys.stderr)
                        say(notice="progress", step="nobody knows how far")
                        say(notice="event", type="moved", severity="warning", text="it is elsewhere", parameters={"steps": 3})
                        say(id=message["id"], answer={"figures": {"steps": 3}})
            """#)
        let ended = try await run(["where": .text("/a b"), "wait": .duration(.seconds(5)), "list": .list(["x"])])
        #expect(ended == .succeeded(figures: ["steps": 3]), "\(ended)")
        let request =
            #"{"id": 1, "name": "Night", "request": "run", "settings": {"list": ["x"], "wait": 5, "where": "/a b"}, "task": "move"}"#
        #expect(device.output == "with \(request)\n")
        #expect(device.shares == [50, nil] && device.steps == ["beginning", "nobody knows how far"])
        #expect(device.events.map(\.type) == ["web.moved"] && device.events.first?.severity == .warning)
    }

    @Test(arguments: [
        (#"say(id=1, error={"code": "no-room", "text": "there is no room"})"#, "no-room", "there is no room"),
        (#"sys.exit(3)"#, "connectorFailed", "ended with 3 and said no answer"),
        (#"print("what?", flush=True); time.sleep(600)"#, "answer-invalid", "no JSON"),
        (#"say(id=2, answer={}); time.sleep(600)"#, "answer-invalid", "answered request 2"),
        (#"say(notice="progress", percent=101); time.sleep(600)"#, "answer-invalid", "'percent'"),
        (#"say(notice="event", type="X"); time.sleep(600)"#, "answer-invalid", "'type'"),
        (#"say(id=1, answer={"figures": {"a b": 1}})"#, "answer-invalid", "figure"),
        (#"sys.stdout.write("y" * 200000); sys.stdout.flush()"#, "answer-invalid", "more than 131072 bytes"),
    ])
    func whatFailsSaysWhy(_ does: String, _ code: String, _ text: String) async throws {
        try write(does)
        let ended = try await run()
        #expect(!ended.hasSucceeded && ended.code == code && ended.text.contains(text), "\(ended)")
    }

    @Test func oneThatGoesOnAfterItsAnswerIsEnded() async throws {
        try write(#"say(id=1, answer={}); time.sleep(100000)"#)
        #expect(try await run() == .succeeded())
    }

    @Test func moreEventsThanALookBringsAreLeftOut() async throws {
        try write(
            #"""
            for _ in range(40): say(notice="event", type="looked", severity="info", text="seen")
                        say(id=1, answer={})
            """#)
        #expect(try await run().hasSucceeded)
        #expect(device.events.count == 32)
    }

    @Test func whatMayNotBeStartedIsNot() async throws {
        #expect(try await run().text == "the connector of web cannot be started: it is not there")
        try script.write("web", ConnectorScript.python(), mode: 0o777)
        let ended = try await run()
        #expect(ended.code == "connectorMissing" && ended.text.contains("others may write"), "\(ended)")
    }

    @Test func oneThatIsStoppedEndsWithAllItStarted() async throws {
        let file = script.temporary.path + "/child"
        try write("open(\"\(file)\", \"w\").write(str(subprocess.Popen([\"/bin/sleep\", \"600\"]).pid)); time.sleep(600)")
        let running = Task { try await run() }
        let child = try await eventual("it has begun") { SystemCall.line(of: file).flatMap { pid_t($0) } }
        running.cancel()
        #expect(try await running.value.code == "stopped")
        try await eventually("the process that it started has ended") { kill(child, 0) != 0 }
    }
}
