import FoundationEssentials
import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite("Whether a device is protected")
struct ProtectionCourseTests {
    private let start = ContinuousClock.now

    /// As a transcript: seconds, how clamd is, the state shown, why it is told. Each time only the report is remembered beside the course.
    @Test func itIsToldWhenItLasts() {
        let story: [(Int, ProtectionCourse.Standing, ApplicationState, String?)] = [
            (0, .answering, .running, nil), (15, .stopped, .stopped, nil), (30, .loading, .running, nil),
            (45, .answering, .running, nil),
            (60, .silent, .running, nil), (75, .answering, .running, nil), (90, .silent, .running, nil),
            (105, .silent, .running, nil),
            (120, .silent, .failed, "silent"), (135, .stopped, .stopped, "stopped"), (150, .loading, .stopped, "stopped"),
            (165, .answering, .running, nil), (180, .stopped, .stopped, nil), (210, .stopped, .stopped, "stopped"),
        ]
        var course = ProtectionCourse()
        var report: ApplicationReport?
        for (second, standing, state, reason) in story {
            let verdict = course.judge(standing, after: report, now: start + .seconds(second))
            #expect(verdict == ProtectionCourse.Verdict(state: state, reason: reason), "at \(second) s")
            report = ApplicationReport(
                application: .clamAV, state: verdict.state,
                problems: verdict.reason.map { [ApplicationProblem(code: "protection-stopped", subject: $0)] } ?? [])
        }
        var restarted = ProtectionCourse()
        #expect(
            restarted.judge(.stopped, after: report, now: start).reason == "stopped", "it was told before the agent's restart")
    }
}

@Suite("What the state of ClamAV means")
struct ClamWatchTests {
    private func facts(age: Duration?, _ standing: ProtectionCourse.Standing = .answering) throws -> ClamWatch.Facts {
        let temporary = try TemporaryDirectory()
        if let age {
            let built = (noon - age).milliseconds / 1000
            try temporary.write("daily.cvd", "ClamAV-VDB:x:27500:10:90:0123:sig:builder:\(built)")
        }
        return ClamWatch.Facts(standing: standing, databases: SignatureDatabases(directory: temporary.path))
    }

    /// As a transcript: how old the databases are, why protection is stopped, problems, events.
    @Test func eachChangeIsToldOnce() throws {
        let story: [(age: Duration?, reason: String?, problems: [String], events: [String])] = [
            (.days(1), nil, [], []), (.days(8), nil, ["databases-outdated 27500"], ["databases-outdated"]),
            (.days(9), nil, ["databases-outdated 27500"], []),
            (.days(9), "silent", ["databases-outdated 27500", "protection-stopped silent"], ["protection-stopped"]),
            (.days(9), "stopped", ["databases-outdated 27500", "protection-stopped stopped"], []),
            (.days(1), nil, [], ["protection-running", "databases-current"]),
            (nil, nil, ["databases-outdated none"], ["databases-outdated"]),
            (.days(-1), nil, [], ["databases-current"]),
        ]
        var report: ApplicationReport?
        for (number, step) in story.enumerated() {
            let verdict = ProtectionCourse.Verdict(state: step.reason == nil ? .running : .failed, reason: step.reason)
            let watch = ClamWatch(
                try facts(age: step.age), verdict: verdict, memory: ClamMemory(), after: report, now: noon)
            report = ApplicationReport(application: .clamAV, state: verdict.state, problems: watch.problems, facts: watch.facts)
            #expect(report?.problems.map { "\($0.code) \($0.subject)" } == step.problems, "step \(number)")
            #expect(watch.events.map(\.type) == step.events, "step \(number)")
        }
    }

    @Test func whatElseIsWrong() throws {
        var found = try facts(age: .days(1))
        found.onAccess = OnAccess(UnitListing.Unit(active: "failed", file: "enabled"), uptime: nil)
        found.hasLog = false
        let watch = ClamWatch(found, verdict: .init(state: .running), memory: ClamMemory(), after: nil, now: noon)
        #expect(watch.problems.map(\.code) == ["unit-failed", "log-missing"])
        #expect(watch.problems.first?.subject == "clamav-clamonacc.service")
    }

    @Test func factsSayNothingThatChangesByItself() throws {
        let one = ClamWatch(
            try facts(age: .days(1)), verdict: .init(state: .running), memory: ClamMemory(), after: nil, now: noon)
        #expect(one.facts.map(\.name) == ["database/version", "database/built"])
        #expect(one.facts.map(\.text) == ["27500", (noon - .days(1)).description])
        #expect(one.statistics["database-age-seconds"] == 86_400 && one.statistics["signatures"] == 10)
    }
}

@Suite("Threats that were found")
struct ThreatWatchTests {
    private let temporary: TemporaryDirectory

    init() throws { temporary = try TemporaryDirectory() }

    private func path(_ name: String) -> String { "\(temporary.path)/\(name)" }

    private func detections(_ names: [String]) -> [Detection] {
        names.compactMap { Detection(Array("\($0.hasPrefix("instream") ? $0 : path($0)): Eicar FOUND".utf8)) }
    }

    /// What a reading makes of these lines: `TYPE ACTION` of each event. The memory goes the way it goes through the database.
    private func events(_ names: [String], _ memory: inout ClamMemory, at time: Duration = .zero) -> [String] {
        var watch = ThreatWatch(memory, now: noon + time)
        watch.take(detections(names))
        memory = ClamMemory(bytes: watch.memory.bytes)
        #expect(memory == watch.memory)
        return watch.events.map { event in
            if case .text(let action) = event.parameters["action"] { return "\(event.type) \(action)" }
            return event.type
        }
    }

    @Test func aThreatIsToldOnceAndAgainWhenItIsGone() throws {
        var memory = ClamMemory()
        try temporary.write("evil", "one")
        #expect(events(["evil"], &memory) == ["threat-found none"])
        #expect(memory.threats.map(\.shownPath) == [path("evil")])
        #expect(events(["evil", "evil"], &memory) == [], "found again by another scan")
        #expect(events([], &memory) == [])
        try temporary.remove("evil")
        #expect(events([], &memory) == ["threat-gone"])
        #expect(events(["evil"], &memory) == [], "the other log says it too")
        #expect(events(["evil"], &memory, at: .minutes(2)) == ["threat-found gone"])
        #expect(memory.threats.isEmpty && memory.found == 2)
    }

    @Test func aFileThatWasWrittenAnewIsAnother() throws {
        var memory = ClamMemory()
        try temporary.write("evil", "one")
        _ = events(["evil"], &memory)
        try temporary.replace("evil", "clean by now")
        #expect(events([], &memory) == ["threat-gone"])
        #expect(events(["evil"], &memory) == ["threat-found none"])
    }

    @Test func whatWasMovedAwayAtOnceIsOneEvent() throws {
        var memory = ClamMemory()
        #expect(events(["evil", "evil"], &memory) == ["threat-found gone"])
        #expect(memory.threats.isEmpty)
        try temporary.write("evil", "one")
        _ = events(["evil"], &memory)
        try temporary.remove("evil")
        #expect(events(["evil"], &memory) == ["threat-gone"], "the first log's line came while it was there")
    }

    @Test func contentsThatWereSentAreToldEachTime() {
        var memory = ClamMemory()
        #expect(events(["instream(local)"], &memory) == ["threat-found none"])
        #expect(events(["instream(local)"], &memory) == ["threat-found none"])
        #expect(memory.threats.isEmpty)
    }

    @Test func manyAtOnceAreCounted() throws {
        var memory = ClamMemory()
        let names = (0..<250).map { "evil\($0)" }
        for name in names { try temporary.write(name, name) }
        var watch = ThreatWatch(memory, now: noon)
        watch.take(detections(names))
        memory = watch.memory
        #expect(watch.events.count == 101 && watch.events.last?.parameters == ["count": .integer(150)])
        #expect(memory.threats.count == 100 && memory.found == 250)
        #expect(watch.problems.count == 100)
    }

    @Test func namesThatAreNoTextAreFilesAllTheSame() throws {
        let bytes = Array(path("").utf8) + [0xff, 0x0a]
        let descriptor = (bytes + [0]).withUnsafeBytes { name in
            name.bindMemory(to: CChar.self).baseAddress.map { open($0, O_CREAT | O_WRONLY, 0o600) } ?? -1
        }
        try #require(descriptor >= 0)
        close(descriptor)
        var watch = ThreatWatch(ClamMemory(), now: noon)
        watch.take([try #require(Detection(bytes + Array(": Eicar FOUND".utf8)))])
        #expect(watch.memory.threats.count == 1)
        #expect(watch.problems.first?.subject == path("") + "\u{fffd}\\u{a}")
        #expect(watch.events.first?.parameters["file"] == .text(path("") + "\u{fffd}\\u{a}"))
    }

    @Test func aMemoryThatIsDamagedIsEmpty() {
        #expect(ClamMemory(bytes: nil) == ClamMemory())
        #expect(ClamMemory(bytes: Array("{".utf8)) == ClamMemory())
        #expect(ClamMemory(bytes: Array(#"{"logs":{},"threats":[],"gone":[],"found":"x"}"#.utf8)) == ClamMemory())
    }
}
