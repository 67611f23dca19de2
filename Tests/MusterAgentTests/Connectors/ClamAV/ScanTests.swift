import FoundationEssentials
import Glibc
import MusterModel
import Synchronization
import Testing

@testable import MusterAgent

@Suite("What a scan found, on its way to the connector")
struct FoundNotesTests {
    @Test(arguments: FoundNotes.Action.allCases)
    func everyByteOfANameArrives(_ action: FoundNotes.Action) {
        let path = Array("/tmp/a b: c FOUND\n".utf8) + [0xff]
        let text = Array((FoundNotes.line(action, path, "A signature") + FoundNotes.line(scanned: 7)).utf8)
        let expected = FoundNotes.Note.found(action, Detection(file: path, signature: "A signature"))
        #expect(FoundNotes.notes(in: text) == [expected, .scanned(7)])
    }

    @Test(arguments: [
        "", "FOUND", "FOUND none", "FOUND none L3g= ", "FOUND none !!! X", "FOUND other L3g= X", "SCANNED", "SCANNED -1",
        "SCANNED x",
        "FOUND none eA== X", "SCANNED 99999999999999999999",
    ])
    func whatIsNoNoteIsNone(_ line: String) { #expect(FoundNotes.notes(in: Array((line + "\n").utf8)).isEmpty) }

    @Test func theyBeginAnewWhenTheyAreLong() throws {
        let device = try TemporaryDirectory()
        try device.write("var/lib/x", "")
        let root = RootPath(device.path)
        try #require(FoundNotes.add(FoundNotes.line(scanned: 1), root))
        #expect(try FileStatus(FoundNotes.path(root)).permissions == 0o600)
        try device.write("var/lib/muster-clamav/found", String(repeating: "x", count: 1 << 20) + "\n")
        try #require(FoundNotes.add(FoundNotes.line(scanned: 2), root))
        #expect(SystemCall.contents(of: FoundNotes.path(root)) == Array("SCANNED 2\n".utf8))
    }
}

@Suite("Every file below a path")
struct FileWalkTests {
    private let device: TemporaryDirectory

    init() throws {
        device = try TemporaryDirectory()
        for name in ["a", "b/c", "b/d/e", "b/d/f", "bb/g"] { try device.write(name, name) }
    }

    /// Names below the directory.
    private func files(_ path: String, excluded: [String] = [], isCancelled: @escaping () -> Bool = { false }) -> [String]? {
        var files: [String] = []
        let walk = FileWalk(excluded: excluded.map { "\(device.path)/\($0)" }, isCancelled: isCancelled)
        let isThere = walk.visit(path.hasPrefix("/") ? path : "\(device.path)/\(path)") { file in
            files.append(String(decoding: file.path.dropFirst(device.path.utf8.count + 1), as: UTF8.self))
        }
        return isThere ? files.sorted() : nil
    }

    @Test func whatIsThere() {
        #expect(files("") == ["a", "b/c", "b/d/e", "b/d/f", "bb/g"])
        #expect(files("b/") == ["b/c", "b/d/e", "b/d/f"])
        #expect(files("a") == ["a"], "a file alone")
        #expect(files("nowhere") == nil && files("/nowhere/at/all") == nil)
    }

    @Test func whatIsLeftOut() {
        #expect(files("", excluded: ["b"]) == ["a", "bb/g"])
        #expect(files("", excluded: ["b/d/", "a"]) == ["b/c", "bb/g"])
        #expect(files("b/d", excluded: ["b"]) == [])
        #expect(files("", isCancelled: { true }) == [])
    }

    @Test func linksAreNotFollowed() throws {
        try #require(symlink("\(device.path)/b", "\(device.path)/bb/link") == 0)
        try #require(symlink("\(device.path)/a", "\(device.path)/bb/file") == 0)
        try #require(mkfifo("\(device.path)/bb/pipe", 0o600) == 0)
        #expect(files("bb") == ["bb/g"])
    }

    @Test func aDeepTreeEnds() throws {
        var path = device.path
        for _ in 0..<300 {
            path += "/d"
            try #require(mkdir(path, 0o700) == 0)
        }
        #expect(files("d") == [])
    }
}

/// A scan with somebody who stands in for clamd: it finds something in every file.
@Suite("A scan")
struct FileScanTests {
    private final class Heard: Sendable {
        struct State: Sendable {
            var printed = ""
            var events: [DeviceEvent] = []
            var progress: [Int?] = []
        }
        let state = Mutex(State())
    }

    private let device: TemporaryDirectory
    private let heard = Heard()

    init() throws {
        device = try TemporaryDirectory()
        try device.write("etc/clamav/clamd.conf", "LocalSocket \(device.path)/clamd.ctl\n")
        try device.write("var/lib/x", "")
        try device.write("files/one", "1")
        try device.write("files/two", "2")
    }

    private var context: TaskContext {
        TaskContext(
            root: RootPath(device.path), run: { _ in .cancelled },
            print: { [heard] text in heard.state.withLock { $0.printed += text } },
            progress: { [heard] share, _ in heard.state.withLock { $0.progress.append(share) } },
            raise: { [heard] event in heard.state.withLock { $0.events.append(event) } })
    }

    private func scan(_ action: String?, paths: [String] = ["files"]) async throws -> TaskConclusion {
        var settings: [String: ManagedValue] = [ClamScanKey.paths: .list(paths.map { "\(device.path)/\($0)" })]
        settings[ClamScanKey.action] = action.map { .text($0) }
        let task = TaskDefinition(
            id: TaskID.wellKnown(1), revision: 1, name: "Scan", application: .clamAV, type: "scan", settings: settings,
            timing: try TaskTiming(.manually))
        return await ScanWork().run(task, in: context)
    }

    private func clamd(_ answer: String) throws -> FakeClamd {
        try FakeClamd("\(device.path)/clamd.ctl", .answering(["FILDES": Array("\(answer)\0".utf8)]))
    }

    private var notes: [FoundNotes.Note] {
        FoundNotes.notes(in: SystemCall.contents(of: FoundNotes.path(RootPath(device.path))) ?? [])
    }

    private func names(_ folder: String) -> [String] { SystemCall.names(in: "\(device.path)/\(folder)") ?? [] }

    @Test func reportsAndLeavesFilesAlone() async throws {
        let clamd = try clamd("fd[10]: Eicar FOUND")
        let conclusion = try await scan(nil)
        #expect(conclusion.hasSucceeded)
        #expect(conclusion.figures == ["filesScanned": 2, "filesFailed": 0, "threatsFound": 2, "threatsDealtWith": 0])
        #expect(names("files") == ["one", "two"])
        #expect(
            Set(notes) == [
                .found(.none, Detection(file: Array("\(device.path)/files/one".utf8), signature: "Eicar")),
                .found(.none, Detection(file: Array("\(device.path)/files/two".utf8), signature: "Eicar")), .scanned(2),
            ])
        let state = heard.state.withLock { $0 }
        #expect(state.events.map(\.type) == ["scan-finished"] && state.events.first?.severity == .warning)
        #expect(state.printed.contains("\(device.path)/files/one: Eicar: the file is there still\n"), "\(state.printed)")
        #expect(state.progress == [nil, 500, 999])
        withExtendedLifetime(clamd) {}
    }

    @Test func removes() async throws {
        let clamd = try clamd("fd[10]: Eicar FOUND")
        #expect(try await scan("remove").figures["threatsDealtWith"] == 2)
        #expect(names("files") == [])
        withExtendedLifetime(clamd) {}
    }

    @Test func putsIntoQuarantineWhereNobodyReadsIt() async throws {
        let clamd = try clamd("fd[10]: Eicar FOUND")
        #expect(try await scan("quarantine", paths: ["files/one"]).figures["threatsDealtWith"] == 1)
        #expect(names("files") == ["two"])
        let folder = "var/lib/muster-clamav/quarantine"
        let kept = names(folder)
        #expect(kept.count == 2, "\(kept)")
        #expect(try FileStatus("\(device.path)/\(folder)").permissions == 0o700)
        let file = try #require(kept.first { !$0.hasSuffix(".txt") })
        #expect(try FileStatus("\(device.path)/\(folder)/\(file)").permissions == 0)
        let note = String(decoding: SystemCall.contents(of: "\(device.path)/\(folder)/\(file).txt") ?? [], as: UTF8.self)
        #expect(note.hasPrefix("file: \(device.path)/files/one\nsignature: Eicar\n"), "\(note)")
        withExtendedLifetime(clamd) {}
    }

    @Test("a file that was put in the place of the scanned one is left alone")
    func exchanged() throws {
        let directory = try #require(FileWalk.open(AT_FDCWD, Array("\(device.path)/files".utf8), O_DIRECTORY))
        let file = FileWalk.File(directory: directory, name: Array("one".utf8), path: Array("\(device.path)/files/one".utf8))
        let scanned = try #require(FileWalk.open(directory.number, file.name, O_NOFOLLOW))
        try device.replace("files/one", "another")
        let removal = ThreatRemoval(RootPath(device.path))
        #expect(!removal.remove(file, scanned: scanned))
        #expect(!removal.quarantine(file, scanned: scanned, signature: "Eicar", now: noon))
        #expect(SystemCall.contents(of: "\(device.path)/files/one") == Array("another".utf8))
        // Its folder became a link to another: what is done is done where the file was.
        try #require(rename("\(device.path)/files", "\(device.path)/moved") == 0)
        try device.write("other/two", "innocent")
        try #require(symlink("\(device.path)/other", "\(device.path)/files") == 0)
        let two = FileWalk.File(directory: directory, name: Array("two".utf8), path: Array("\(device.path)/files/two".utf8))
        #expect(removal.remove(two, scanned: try #require(FileWalk.open(directory.number, two.name, O_NOFOLLOW))))
        #expect(names("other") == ["two"] && names("moved") == ["one"])
    }

    @Test func whatCannotBeScannedIsCounted() async throws {
        let clamd = try clamd("fd[10]: Can't read file ERROR")
        let conclusion = try await scan(nil)
        #expect(conclusion.hasSucceeded && conclusion.figures["filesFailed"] == 2 && conclusion.figures["filesScanned"] == 0)
        withExtendedLifetime(clamd) {}
    }

    @Test func whyItFails() async throws {
        #expect(try await scan(nil).code == "clamdStopped")
        let clamd = try clamd("fd[10]: OK")
        #expect(try await scan(nil, paths: ["nowhere"]).code == "pathsMissing")
        #expect(try await scan(nil).hasSucceeded)
        try device.remove("etc/clamav/clamd.conf")
        #expect(try await scan(nil).code == "clamAVMissing")
        withExtendedLifetime(clamd) {}
    }

    @Test func whatWasDoneIsTold() throws {
        var memory = ClamMemory()
        var watch = ThreatWatch(memory, now: noon)
        let path = Array("\(device.path)/files/one".utf8)
        watch.take([], [.found(.none, Detection(file: path, signature: "Eicar")), .scanned(5)])
        #expect(watch.events.map { $0.parameters["action"] } == [.text("none")] && watch.problems.count == 1)
        memory = watch.memory
        #expect(memory.scanned == 5)
        watch = ThreatWatch(memory, now: noon)
        watch.take([], [.found(.quarantined, Detection(file: path, signature: "Eicar")), .scanned(.max)])
        #expect(watch.events.map { $0.parameters["action"] } == [.text("quarantined")])
        #expect(watch.problems.isEmpty && watch.memory.found == 2)
    }
}
