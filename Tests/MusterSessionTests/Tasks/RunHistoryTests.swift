import Testing

@testable import MusterSession

/// Each line of a transcript is one Hello: the run, the last session it knows, who is connected; and what came of it. A run that is served
/// gets the next session number and keeps it.
@Suite("Copies of a device")
struct RunHistoryTests {
    private struct Scene {
        var history = RunHistory()
        var session: UInt64 = 100
        var kept: [UInt64: UInt64] = [:]

        /// - Parameter session: what its state knows; as it kept it last, when not said.
        mutating func hello(_ run: UInt64, knows known: UInt64? = nil, _ other: RunHistory.Other = .none) -> RunHistory.Verdict {
            let verdict = history.judge(.init(run: run, session: known ?? kept[run] ?? 0), beside: other)
            if verdict == .served || verdict == .servedInsteadOfCopy {
                session += 1
                kept[run] = session
                history.proved(session)
            }
            return verdict
        }

        /// A process that starts from what another has kept by now.
        mutating func starts(_ run: UInt64, fromStateOf other: UInt64) { kept[run] = kept[other] }
    }

    @Test("the same run comes again and again")
    func sameRun() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        #expect(scene.hello(1) == .served)
        #expect(scene.hello(1, .open(run: 1)) == .served, "its older session was lost")
        #expect(!scene.history.isCopied && scene.history.runs == [1])
    }

    @Test("a reboot draws a new run, and is no copy")
    func reboot() {
        var scene = Scene()
        for run in 1...20 as ClosedRange<UInt64> {
            scene.starts(run, fromStateOf: run - 1)
            #expect(scene.hello(run) == .served)
            #expect(scene.hello(run) == .served)
        }
        #expect(!scene.history.isCopied && scene.history.runs == Array(13...20))
    }

    @Test("a power cut leaves the old session half open: it does not answer")
    func powerCut() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        scene.starts(2, fromStateOf: 1)
        #expect(scene.hello(2, .open(run: 1)) == .ask)
        #expect(scene.hello(2, .none) == .served)
        #expect(!scene.history.isCopied)
    }

    @Test("killed between Welcome and its disk: it knows one session less than was given")
    func killedEarly() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        // Given, and nothing said after it.
        #expect(scene.history.judge(.init(run: 1, session: 101), beside: .none) == .served)
        scene.history.copyFound()
        #expect(scene.hello(2, knows: 101) == .served, "even where there are known to be two")
    }

    @Test("a copy that comes while the device is connected is refused, and so is everyone like it")
    func besideTheConnected() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        for copy in 2...201 as ClosedRange<UInt64> {
            scene.starts(copy, fromStateOf: 1)
            #expect(scene.hello(copy, .open(run: 1)) == .ask)
            #expect(scene.hello(copy, .answered(run: 1)) == .copy)
        }
        #expect(scene.history.isCopied && scene.history.current == 1 && scene.history.runs == [1])
        #expect(scene.hello(1) == .served)
        #expect(scene.hello(2, knows: 101) == .copy, "it knows less than the device by now")
    }

    @Test("a copy that comes between two synchronizations is found when both have come again")
    func betweenSynchronizations() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        scene.starts(2, fromStateOf: 1)
        #expect(scene.hello(2) == .served, "as a restart would look")
        #expect(scene.hello(1) == .served, "the first is there after all")
        #expect(!scene.history.isCopied, "the second may be over: a machine put back with its memory")
        #expect(scene.hello(2) == .copy)
        #expect(scene.hello(1) == .served)
        #expect(scene.hello(2) == .copy)
        scene.starts(3, fromStateOf: 2)
        #expect(scene.hello(3) == .copy, "the copy started anew")
        scene.starts(4, fromStateOf: 1)
        #expect(scene.hello(4) == .served, "the device started anew")
    }

    @Test("the device comes back while its copy is connected")
    func copyIsConnected() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        scene.starts(2, fromStateOf: 1)
        #expect(scene.hello(2) == .served)
        #expect(scene.hello(1, .open(run: 2)) == .ask)
        #expect(scene.hello(1, .answered(run: 2)) == .servedInsteadOfCopy)
        #expect(scene.history.isCopied)
        #expect(scene.hello(2, .open(run: 1)) == .ask)
        #expect(scene.hello(2, .answered(run: 1)) == .copy)
    }

    @Test("a snapshot put back is no copy, however old and however often")
    func snapshots() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        let snapshot = scene.session
        for run in 2...5 as ClosedRange<UInt64> {
            #expect(scene.hello(run, knows: snapshot) == .served)
            #expect(scene.hello(run) == .served)
        }
        #expect(!scene.history.isCopied)
    }

    @Test("a snapshot put back with its memory is no copy")
    func snapshotWithMemory() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        let snapshot = scene.session
        #expect(scene.hello(1) == .served)
        #expect(scene.hello(1, knows: snapshot) == .served)
        scene.starts(2, fromStateOf: 1)
        #expect(scene.hello(2) == .served)
        #expect(scene.hello(1, knows: snapshot) == .served, "put back to the run before")
        #expect(scene.hello(1) == .served)
        #expect(!scene.history.isCopied)
    }

    @Test("a machine copied with its memory, while the original is connected")
    func copiedMemory() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        let copied = scene.session
        #expect(scene.hello(1) == .served)
        #expect(scene.hello(1, knows: copied, .open(run: 1)) == .ask)
        #expect(scene.hello(1, knows: copied, .answered(run: 1)) == .copy)
    }

    @Test("it was one device: whoever comes next is it")
    func same() {
        var scene = Scene()
        #expect(scene.hello(1) == .served)
        scene.starts(2, fromStateOf: 1)
        #expect(scene.hello(2, .answered(run: 1)) == .copy)
        scene.history.forget()
        #expect(scene.hello(2) == .served)
        #expect(scene.hello(2) == .served)
        #expect(!scene.history.isCopied && scene.history.runs == [2])
    }
}
