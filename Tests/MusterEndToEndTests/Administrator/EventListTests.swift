import Foundation
import MusterTestKit
import Testing

/// `muster events list`: what scripts rely on.
@Suite(.fewAtATime)
struct EventListTests {
    /// Raises many events over one connection to the agent's socket, and waits until they are stored.
    private func raise(_ severities: [String], type: String, at site: Site) async throws {
        let lines = severities.enumerated().map { index, severity in
            #"{"request":"event","type":"\#(type)","severity":"\#(severity)","text":"\#(index)"}"#
        }
        let program = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); f = s.makefile('rw')
            for line in sys.stdin:
                f.write(line); f.flush(); print(f.readline(), end='')
            """
        let answers = try await runProgram(
            ProgramPath.ofSystem("python3"), ["-c", program, "\(site.agent.stateDirectory)/agent.sock"],
            input: lines.joined(separator: "\n") + "\n"
        ).succeeded()
        #expect(answers.output.split(separator: "\n").filter { $0.hasPrefix(#"{"event":"#) }.count == severities.count)
        try await eventually("all events are stored") { try await site.events(type).count == severities.count }
    }

    @Test func hasAllMembersInOrderOfPosition() async throws {
        let site = try await Site()
        try await raise(["info", "warning", "error", "critical"], type: "one-of-each", at: site)
        let events = try await site.server.musterJSON("events", "list")
        for event in events {
            for member in ["id", "type", "severity", "text"] { #expect(event.text(member) != nil, "\(member) of \(event)") }
            for member in ["position", "sequence"] { #expect(event.number(member) != nil, "\(member) of \(event)") }
            for member in ["occurred", "received"] { #expect(time(event.text(member)) != nil, "\(member) of \(event)") }
        }
        let positions = events.numbers("position")
        #expect(positions == positions.sorted() && Set(positions).count == positions.count)
        #expect(Set(events.texts("id")).count == events.count)
        let own = events.filter { $0.text("device") == site.device && ($0.number("sequence") ?? 0) > 0 }
        #expect(own.numbers("sequence") == Array(1...own.count), "the device's own, none lost and none twice")
        let raised = events.filter { $0.text("type") == "one-of-each" }
        #expect(raised.texts("severity") == ["info", "warning", "error", "critical"])
        #expect(raised.texts("text") == ["0", "1", "2", "3"])
    }

    @Test func isCutDownByDeviceSeverityAndTime() async throws {
        let site = try await Site()
        let other = try TestAgent(server: site.server)
        try await other.enrol()
        try await other.start()
        try await other.event("elsewhere", "critical", "x")
        try await raise(["info", "warning", "error", "critical"], type: "here", at: site)
        try await eventually("the other device's is stored") {
            try await site.server.events("elsewhere", of: other.deviceID).count == 1
        }
        func types(_ arguments: String...) async throws -> [String] {
            try await site.server.muster(["events", "list", "--output", "json"] + arguments).succeeded().objects().texts("type")
        }
        let ofDevice = try await types("--device", site.device)
        #expect(ofDevice.filter { $0 == "here" }.count == 4 && !ofDevice.contains("elsewhere"))
        #expect(try await types("--device", String(other.deviceID.prefix(13))).contains("elsewhere"))
        let severe = try await types("--severity", "error")
        #expect(severe.filter { $0 == "here" }.count == 2 && severe.contains("elsewhere"))
        #expect(try await types("--severity", "critical", "--device", site.device) == ["here"])
        #expect(try await types("--since", "1h", "--device", site.device).starts(with: ofDevice))
        #expect(try await types("--since", "2100-01-01") == [])
        #expect(try await types("--device", site.device, "--severity", "warning", "--limit", "2") == ["here", "here"])
        let unknown = try await site.server.muster("events", "list", "--device", "nowhere")
        #expect(unknown.status == 1 && unknown.error.contains("'nowhere'"))
        #expect(try await site.server.muster("events", "list", "--severity", "loud").status == 64)
        #expect(try await site.server.muster("events", "list", "--limit", "0").status == 64)
        #expect(try await site.server.muster("events", "list").succeeded().output.contains("SEVERITY"))
    }

    /// A page has at most 1,000.
    @Test func pagesByItself() async throws {
        let site = try await Site()
        try await raise(Array(repeating: "info", count: 1200), type: "many", at: site)
        for arguments in [["--limit", "1150"], ["--limit", "1150", "--since", "1h"]] {
            let list = ["events", "list", "--output", "json", "--severity", "info"] + arguments
            let events = try await site.server.muster(list).succeeded().objects()
            #expect(events.count == 1150)
            let positions = events.numbers("position")
            #expect(positions == Array((positions.first ?? 0)..<(positions.first ?? 0) + 1150), "the newest, without a hole")
        }
        let all = try await site.server.musterJSON("events", "list", "--limit", "5000").filter { $0.text("type") == "many" }
        #expect(all.texts("text") == (0..<1200).map(String.init))
    }

    @Test func followsWhatHappensThroughARestartOfTheServer() async throws {
        let site = try await Site()
        try await raise(["info"], type: "before", at: site)
        let files = try TemporaryDirectory()
        let follower = try RunningProgram(
            "muster", ["events", "list", "--follow", "--output", "json", "--device", site.device],
            environment: site.server.environment(), log: files.file("events"))
        func followed(_ type: String) -> Int { follower.log.split(separator: "\n").count { $0.contains(#""type":"\#(type)""#) } }
        try await eventually("what was before is shown", state: { follower.log }) { followed("before") == 1 }
        try await site.agent.event("live", "info", "x")
        try await eventually("what happens is shown", state: { follower.log }) { followed("live") == 1 }
        try await site.server.stop()
        try await site.server.start()
        try await site.agent.event("after", "info", "x")
        try await site.agent.sync()
        try await eventually("it goes on", state: { follower.log }) { followed("after") == 1 }
        #expect(followed("before") == 1 && followed("live") == 1, "nothing twice")
        #expect(follower.isRunning)
    }
}
