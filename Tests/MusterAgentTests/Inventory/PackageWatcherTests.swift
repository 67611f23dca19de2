import FoundationEssentials
import Glibc
import MusterModel
import MusterTestKit
import Testing

@testable import MusterAgent

@Suite struct DebounceTests {
    private let start = ContinuousClock.now

    @Test func actsAfterAPause() {
        var debounce = Debounce()
        #expect(debounce.deadline == nil)
        debounce.changeSeen(at: start)
        #expect(debounce.timePassed(to: start + .milliseconds(299)) == false)
        #expect(debounce.timePassed(to: start + .milliseconds(300)) == true)
        #expect(debounce.timePassed(to: start + .seconds(9)) == false)
    }

    @Test func actsAtTheCapWithoutAPause() {
        var debounce = Debounce()
        for tick in 0..<15 {
            debounce.changeSeen(at: start + .milliseconds(tick * 100))
            #expect(debounce.timePassed(to: start + .milliseconds(tick * 100)) == false)
        }
        #expect(debounce.timePassed(to: start + .milliseconds(1500)) == true)
    }
}

@Suite struct PackageWatcherTests {
    private let device: TemporaryDirectory
    private let source: DpkgSource

    init() throws {
        device = try TemporaryDirectory()
        try device.write("var/lib/dpkg/status", package("hello"))
        source = DpkgSource(root: device.path)
    }

    /// Whether a change is told.
    private func isTold(_ changes: AsyncStream<Void>) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in changes { return true }; return false
            }
            group.addTask { (try? await Task.sleep(for: .seconds(180))) == nil }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    @Test(arguments: [true, false])
    func replacedStatusIsTold(usesInotify: Bool) async throws {
        let watcher = PackageWatcher(sources: [source], pollInterval: .milliseconds(200), usesInotify: usesInotify)
        let changes = watcher.changes()
        try device.replace("var/lib/dpkg/status", package("hello", "2"))
        #expect(await isTold(changes))
    }

    @Test("what is added to a log that nobody closes is told, also in a directory that was made later")
    func additionsAreTold() async throws {
        let path = device.path
        let watcher = PackageWatcher(
            directories: { [path + "/log", path + "/later"].filter { FileStamp($0) != nil } }, quiet: .milliseconds(10),
            pollInterval: .milliseconds(100), seesWrites: true)
        try device.write("log/a", "")
        let changes = watcher.changes()
        let log = try #require(OpenFile(path + "/log/a"))
        try log.add("one\n")
        #expect(await isTold(changes))
        try device.write("later/b", "")
        #expect(await isTold(changes), "the directory is seen")
        let later = try #require(OpenFile(path + "/later/b"))
        try await Task.sleep(for: .milliseconds(300))
        try later.add("two\n")
        #expect(await isTold(changes))
    }

    @Test func burstIsToldOnce() async throws {
        let changes = PackageWatcher(sources: [source]).changes()
        for number in 0..<50 { try device.replace("var/lib/dpkg/updates/\(1000 + number)", package("hello", "\(number)")) }
        try device.replace("var/lib/dpkg/status", package("hello", "2"))
        #expect(await isTold(changes))
        let counting = Task {
            var count = 0
            for await _ in changes { count += 1 }
            return count
        }
        try await Task.sleep(for: .seconds(2))
        counting.cancel()
        // The journal's directory was made after the watch began; what fell into it counts only from the first time told. A busy machine
        // makes pauses in the burst.
        #expect(await counting.value < 10)
    }

    @Test func readingTellsNothing() async throws {
        let changes = PackageWatcher(sources: [source], quiet: .milliseconds(10)).changes()
        let counting = Task {
            var count = 0
            for await _ in changes { count += 1 }
            return count
        }
        for _ in 0..<20 {
            _ = try source.read()
            try await Task.sleep(for: .milliseconds(50))
        }
        counting.cancel()
        // A program started meanwhile by another test may hold a file of this device open for writing until it has begun: closed late, once.
        #expect(await counting.value <= 1)
    }

    /// The thread holds the sources as long as it runs.
    @Test func threadGoesWithTheTask() async throws {
        weak var held: CountedSource?
        let reading: Task<Void, Never>
        do {
            let source = CountedSource(directory: device.path)
            held = source
            let changes = PackageWatcher(sources: [source]).changes()
            reading = Task { for await _ in changes {} }
        }
        #expect(held != nil)
        reading.cancel()
        await reading.value
        try await eventually("its thread has ended") { held == nil }
    }
}

private final class CountedSource: InstalledSource {
    let name = "counted"
    let watchedDirectories: [String]

    init(directory: String) { watchedDirectories = [directory] }

    func read() throws(AgentError) -> [InstalledApplication] { [] }
}

/// A file that stays open while something is added to it.
private final class OpenFile {
    private let descriptor: Descriptor

    init?(_ path: String) {
        guard let descriptor = Descriptor(open(path, O_WRONLY | O_APPEND | O_CLOEXEC)) else { return nil }
        self.descriptor = descriptor
    }

    func add(_ text: String) throws {
        let bytes = Array(text.utf8)
        try #require(write(descriptor.number, bytes, bytes.count) == bytes.count)
    }
}
