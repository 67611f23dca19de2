import FoundationEssentials
import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite("The folder of a run")
struct RunFolderTests {
    private let state: TemporaryDirectory
    private let run = RunID.random()
    private var folder: RunFolder { RunFolder(run, in: state.path) }

    init() throws { state = try TemporaryDirectory() }

    private func made() throws -> RunFolder {
        try folder.make(RunOrderFile(run: run, task: [1, 2, 3]))
        return folder
    }

    @Test("belongs to the agent's user alone")
    func closed() throws {
        let folder = try made()
        #expect(try FileStatus(folder.path).permissions == 0o700)
        #expect(try FileStatus(folder.path + "/order").permissions == 0o600)
        #expect(folder.order == RunOrderFile(run: run, task: [1, 2, 3]))
        try folder.make(RunOrderFile(run: run, task: [9]))
        #expect(folder.order?.task == [1, 2, 3], "made once")
        #expect(RunFolder.all(in: state.path) == [run])
        folder.remove()
        #expect(RunFolder.all(in: state.path) == [])
    }

    @Test("the right to do a run is given once")
    func right() throws {
        let folder = try made()
        #expect(folder.start == nil && folder.process == nil)
        let right = try folder.begin(at: noon)
        #expect(right != nil && folder.start?.started == noon)
        #expect(try folder.begin(at: noon + .seconds(1)) == nil)
        #expect(folder.start?.started == noon)
        #expect(SystemCall.names(in: folder.path) == ["order", "started"])
    }

    @Test("what was taken back nobody begins, and what has begun is not taken back")
    func withdrawn() throws {
        #expect(try self.folder.withdraw(), "nothing was made")
        let folder = try made()
        #expect(try folder.withdraw())
        #expect(try folder.withdraw(), "also when the agent ended in between")
        #expect(folder.start == nil && folder.process == nil)
        #expect(try folder.begin(at: noon) == nil)
        #expect(SystemCall.names(in: folder.path) == ["order", "started"])
        folder.remove()
        let begun = try made()
        let right = try begun.begin(at: noon)
        #expect(right != nil && begun.start?.started == noon)
        #expect(try begun.withdraw() == false)
    }

    @Test("a process that has read its order while the folder is taken away does not begin")
    func takenAway() throws {
        let folder = try made()
        // As far as it has come.
        unlink(folder.path + "/order")
        #expect(try folder.begin(at: noon) == nil)
        #expect(SystemCall.names(in: folder.path) == [])
    }

    @Test("however often it is asked for")
    func tries() throws {
        let folder = try made()
        let rights = try (0..<200).compactMap { _ in try folder.begin(at: noon) }
        #expect(rights.count == 1)
    }

    @Test("events are read once, whole lines alone, and what is none is left out")
    func events() throws {
        let folder = try made()
        #expect(folder.events(from: 0).events == [])
        let event = DeviceEvent(
            type: "threat-found", severity: .critical, occurred: noon,
            parameters: ["file": .text("/tmp/ä\n"), "count": .integer(-3), "at": .time(noon), "for": .duration(.seconds(2))],
            text: "x")
        folder.append(event)
        let (events, next) = folder.events(from: 0)
        #expect(events == [event] && next > 0)
        #expect(folder.events(from: next).events == [] && folder.events(from: next).next == next)
        let descriptor = open(folder.path + "/events", O_WRONLY | O_APPEND)
        let long = String(repeating: "x", count: DeviceEvent.maximumParameterNameBytes + 1)
        var refused = event
        refused.parameters = [long: .integer(1)]
        let line = String(decoding: try JSONEncoder().encode(RunEventLine(refused)), as: UTF8.self)
        let lines = "nonsense\n\(line)\n"
        _ = (lines + "{\"type\":\"half").withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
        let more = folder.events(from: next)
        #expect(more.events == [] && more.next == next + Int64(lines.utf8.count), "the half line waits")
    }

    @Test("a result and a reason to stop are there whole or not at all")
    func files() throws {
        let folder = try made()
        #expect(folder.result == nil && folder.stopReason == nil && folder.output == nil && folder.progress == nil)
        let result = RunResultFile(result: .failed, exitCode: 3, code: "exitCode", text: "it", figures: ["a": 1], ended: noon)
        try folder.write(result)
        #expect(folder.result == result)
        var long = result
        long.text = String(repeating: "/", count: 300_000)
        try folder.write(long)
        #expect(folder.result?.text.utf8.count == DeviceEvent.maximumTextBytes, "it can be read")
        folder.write(RunProgressFile(share: 500, step: "half"))
        #expect(folder.progress == RunProgressFile(share: 500, step: "half"))
        var keeper = OutputKeeper()
        keeper.append(Array("hello".utf8))
        folder.write(output: keeper.file)
        #expect(folder.output == RunOutput(bytes: Array("hello".utf8), total: 5))
    }
}
