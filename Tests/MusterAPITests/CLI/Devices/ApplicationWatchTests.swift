import Foundation
import MusterAPI
import MusterModel
import MusterServer
import MusterSession
import MusterStore
import MusterTestKit
import Synchronization
import Testing

@testable import muster

/// `muster devices applications`, once and with `--watch`.
struct ApplicationWatchTests {
    private func entry(
        _ application: String = "clamav", _ state: String = "running", version: String? = "1.0.7",
        facts: [String: String] = [:], _ statistics: [String: Int64]? = nil
    ) -> DeviceApplicationEntry {
        DeviceApplicationEntry(
            application: application, title: application, version: version, state: state, delivery: nil,
            facts: facts.map { ApplicationFact(name: $0.key, text: $0.value) }, statistics: statistics)
    }

    @Test func whatChangedIsSaidOnce() {
        var changes = ApplicationChanges()
        let first = entry(facts: ["queue": "short"], ["queue": 0, "threads": 4])
        #expect(
            changes.seen([first]).flatMap(\.lines) == ["clamav: running · version 1.0.7 · queue short · queue 0 · threads 4"])
        #expect(changes.seen([first]).isEmpty)
        #expect(
            changes.seen([entry(facts: ["queue": "short"], ["queue": 3, "threads": 4])]).flatMap(\.lines) == ["clamav: queue 3"])
        #expect(
            changes.seen([entry("clamav", "stopped", version: nil, ["queue": 3])]).flatMap(\.lines)
                == ["clamav: stopped · version none · queue none · threads none"])
        #expect(changes.seen([entry("apt")]).map(\.words) == [["running", "version 1.0.7"], ["not reported any more"]])
        #expect(changes.seen([]).flatMap(\.lines) == ["apt: not reported any more"])
    }

    @Test func aLongLineGoesOnInOneThatSaysWhoseItIs() {
        var changes = ApplicationChanges()
        let numbers = Dictionary(uniqueKeysWithValues: (10..<40).map { ("memory/unit-\($0).service", Int64($0)) })
        let lines = changes.seen([entry("services", "running", numbers)]).flatMap(\.lines)
        #expect(lines.count > 5 && lines.allSatisfy { $0.hasPrefix("services: ") && $0.count <= 96 }, "\(lines)")
        #expect(lines.joined(separator: " · ").replacing("services: ", with: "").split(separator: " · ").count == 32)
    }

    @Test func anApplicationThatIsGoneIsAnObjectToo() throws {
        var changes = ApplicationChanges()
        _ = changes.seen([entry()])
        #expect(try changes.seen([]).map { try $0.json } == [#"{"application":"clamav","isReported":false}"#])
    }

    // Through the real command and the real API.

    private func device(_ api: APIFixture) async throws -> DeviceID {
        let device = try await api.device("web-1")
        api.backend.policies.withLock { _ = $0.devices.insert(device) }
        try await report(.running, of: device, session: 1, to: api)
        try say(4, of: device, to: api)
        return device
    }

    private func report(_ state: ApplicationState, of device: DeviceID, session: Int64, to api: APIFixture) async throws {
        let reports = [
            ApplicationReport(application: .apt, state: .running),
            ApplicationReport(
                application: .clamAV, version: "1.0.7", state: state,
                facts: [ApplicationFact(name: "databases", text: "27\u{202e}460")]),
        ]
        let digest = try #require(Digest(bytes: [UInt8](repeating: UInt8(session), count: 16)))
        _ = try await api.store.storeDocument(
            device: device, session: session, document: .applications, digest: digest, body: [1], applications: reports,
            now: APIFixture.now)
    }

    private func say(_ queue: Int64, of device: DeviceID, to api: APIFixture) throws {
        let statistics = DeviceStatistics(collected: APIFixture.now, applications: ["clamav": ["queue": queue]])
        api.backend.with { $0.statistics[device] = statistics }
    }

    @Test func factsAndStatisticsStandBelow() async throws {
        try await APIFixture.with { api in
            _ = try await device(api)
            let muster = try MusterCommand(api)
            let table = try await muster("devices", "applications", "web-1").succeeded().output
            #expect(
                table.contains(/clamav +queue +4\n/) && table.contains(#"27\u{202e}460"#) && table.contains("apt "), "\(table)")
            let one = try await muster("devices", "applications", "web-1", "--application", "clamav", "--output", "json")
                .objects()
            #expect(one.count == 1 && one.first?["statistics"] as? [String: Int] == ["queue": 4], "\(one)")
            let none = try await muster("devices", "applications", "web-1", "--application", "mail")
            #expect(none.status == 0 && none.error == "The device has reported no application 'mail'.\n", "\(none)")
        }
    }

    @Test(.timeLimit(.minutes(1))) func aWatcherSaysEachChange() async throws {
        try await APIFixture.with { api in
            let device = try await device(api)
            let (process, output, _) = try MusterCommand(api).process(["devices", "applications", "web-1", "--watch"])
            try process.run()
            defer { process.terminate() }
            var lines = MusterCommand.lines(of: output).makeAsyncIterator()
            func next() async -> Substring? { await lines.next(isolation: #isolation)?.dropFirst(Shown.time(.now()).count + 2) }
            #expect(await next()?.hasPrefix("Connected: no") == true)
            #expect(await next() == "apt: running")
            #expect(await next() == #"clamav: running · version 1.0.7 · databases 27\u{202e}460 · queue 4"#)
            try say(5, of: device, to: api)
            #expect(await next() == "clamav: queue 5")
            try await report(.stopped, of: device, session: 2, to: api)
            #expect(await next() == "clamav: stopped")
        }
    }

    @Test(.timeLimit(.minutes(1))) func forProgramsEachIsAnObjectOnALine() async throws {
        try await APIFixture.with { api in
            let device = try await device(api)
            let (process, output, _) = try MusterCommand(api).process(
                ["devices", "applications", "web-1", "--watch", "--application", "clamav", "--output", "json"])
            try process.run()
            defer { process.terminate() }
            var lines = MusterCommand.lines(of: output).makeAsyncIterator()
            func next() async throws -> DeviceApplicationEntry {
                let line = await lines.next(isolation: #isolation)
                return try APICoding.decode(DeviceApplicationEntry.self, from: Data(try #require(line).utf8))
            }
            #expect(try await next().statistics == ["queue": 4])
            try say(5, of: device, to: api)
            let second = try await next()
            #expect(second.statistics == ["queue": 5] && second.application == "clamav" && second.state == "running")
        }
    }
}
