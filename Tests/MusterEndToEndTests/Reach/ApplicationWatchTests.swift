import Foundation
import Glibc
import MusterTestKit
import Testing

/// `muster devices applications --watch`, through the real programs, of an application that counts what a test says.
@Suite(.fewAtATime)
struct ApplicationWatchTests {
    private let files: TemporaryDirectory
    private let site: Site
    private var environment: [String: String] { get throws { try site.server.environment() } }

    init() async throws {
        let (files, site) = (try TemporaryDirectory(), try await Site())
        (self.files, self.site) = (files, site)
        try set("running", visitors: 4)
        try site.agent.install(
            connector: "web",
            """
            #!/usr/bin/python3
            import json, sys
            MANIFEST = {"id": "web", "version": "1.0", "title": "Web server", "settings": []}
            for line in sys.stdin:
                message = json.loads(line)
                if message["request"] == "hello":
                    answer = {"protocol": 1, "manifest": MANIFEST, "version": "2.4", "period": 5}
                elif message["request"] == "look":
                    answer = json.load(open("\(files.file("look"))"))
                else:
                    answer = {"settings": {}}
                print(json.dumps({"id": message["id"], "answer": answer}), flush=True)
            """)
        try await eventually("its application is known", state: { site.agent.log.suffix(2000).description }) {
            try await site.agent.sync()
            return try await site.server.musterJSON("devices", "applications", site.device).texts("application").contains("web")
        }
    }

    /// What the connector sees from now on.
    private func set(_ state: String, visitors: Int) throws {
        try Data(#"{"state": "\#(state)", "statistics": {"visitors": \#(visitors)}}"#.utf8)
            .write(to: URL(fileURLWithPath: files.file("look")), options: .atomic)
    }

    private func watch(_ log: String, _ options: String...) throws -> RunningProgram {
        try RunningProgram(
            "muster", ["devices", "applications", site.device, "--watch", "--application", "web"] + options,
            environment: try environment, log: files.file(log))
    }

    private func shows(_ watching: RunningProgram, _ text: String) async throws {
        try await eventually("it shows '\(text)'", state: { watching.log + site.agent.log.suffix(2000) }) {
            watching.log.contains(text)
        }
    }

    @Test func aNumberAndAStateThatChangeAreSeenWhileSomebodyLooks() async throws {
        let (people, programs) = (try watch("people"), try watch("programs", "--output", "json"))
        try await shows(people, "Connected: no")
        // Without a port for connection requests it comes at its next synchronization, and stays.
        try await site.agent.sync()
        try await shows(people, "Connected: yes")
        try await shows(people, "web: running · version 2.4")
        try await shows(people, "visitors 4")
        try set("running", visitors: 5)
        try await shows(people, "web: visitors 5\n")
        try set("stopped", visitors: 0)
        try await shows(people, "web: stopped")
        try await shows(people, "visitors 0\n")
        #expect(!people.log.contains("network-agent"), "\(people.log)")

        try await shows(programs, #""visitors":0"#)
        let objects = try programs.log.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }
        #expect(Set(objects.texts("application")) == ["web"])
        #expect(objects.last?.text("state") == "stopped", "\(programs.log)")
        #expect(objects.contains { $0.object("statistics").number("visitors") == 5 }, "\(programs.log)")

        // Ctrl-C.
        people.signal(SIGINT)
        programs.signal(SIGINT)
        for watching in [people, programs] { _ = try await watching.exitStatus() }
        try await eventually("the device is let go") { try await site.server.device(site.device)["connected"] as? Bool == false }
    }

    @Test func itGoesOnWhenTheServerWasAway() async throws {
        let watching = try watch("people")
        try await site.agent.sync()
        try await shows(watching, "web: running")
        try await site.server.kill()
        try await shows(watching, "The server is away: ")
        try set("stopped", visitors: 4)
        try await site.server.start()
        try await shows(watching, "The server is back.")
        try await site.agent.sync()
        try await shows(watching, "web: stopped")
    }
}
