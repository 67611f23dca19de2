import Glibc
import MusterModel
import MusterTestKit
import Testing

@testable import MusterAgent

@Suite("A connector's program")
struct ConnectorHostTests {
    private let script: ConnectorScript

    init() throws { script = try ConnectorScript() }

    private func connector(_ host: ConnectorHost, limits: ConnectorLimits = .short) async throws -> ExternalConnector {
        let greeting = try await eventual("it answers") { host.greeting }
        return ExternalConnector(external: greeting.manifest, host: host, limits: limits)
    }

    @Test func whatTheAgentWantsIsAskedAndAnswered() async throws {
        try script.write("web", ConnectorScript.python())
        try await ConnectorHost.running(script) { host, news in
            let web = try await connector(host)
            #expect(try await web.discover() == "9.9")
            #expect(web.watch.period == .seconds(5))
            #expect(try await web.settingsInForce() == ["port": .number(80)])
            try await web.apply(["port": .number(8080)])
            #expect(try await web.settingsInForce() == ["port": .number(8080)])
            let reading = try await web.look(after: nil, now: noon)
            #expect(reading.facts == [ApplicationFact(name: "port", text: "8080")])
            #expect(reading.events.map(\.type) == ["web.looked"])
            #expect(news.told == ["greeted"])
            #expect(host.report.running)
            #expect(host.report.starts == 1)
        }
    }

    @Test func whatCannotBeSaidIsRefusedBeforeItIsAsked() async throws {
        try script.write("web", ConnectorScript.python())
        try await ConnectorHost.running(script) { host, _ in
            let web = try await connector(host)
            let error = await #expect(throws: ConnectorError.self) {
                try await web.apply(["wait": .duration(.milliseconds(1500))])
            }
            #expect(error?.code == "settingNotAllowed")
        }
    }

    @Test func anErrorOfItIsToldAndItGoesOn() async throws {
        let trick = #"""
            if request == "apply":
                        say(id=message["id"], error={"code": "no-config", "text": "there is no file"})
                        continue
            """#
        try script.write("web", ConnectorScript.python(tricks: trick))
        try await ConnectorHost.running(script) { host, _ in
            let web = try await connector(host)
            let error = await #expect(throws: ConnectorError.self) { try await web.apply(["port": .number(1)]) }
            #expect(error == ConnectorError("no-config", "there is no file"))
            #expect(try await web.look(after: nil, now: noon).state == .running)
            #expect(host.report.starts == 1)
        }
    }

    /// What goes wrong at `look`, and what is said of it.
    @Test(arguments: [
        (#"if request == "look": time.sleep(60)"#, "did not answer 'look'"),
        (#"if request == "look": sys.exit(3)"#, "status 3"),
        (#"if request == "look": os.kill(os.getpid(), 9)"#, "signal 9"),
        (#"if request == "look": print("what?", flush=True)"#, "no JSON"),
        (#"if request == "look": print("x" * 200000, flush=True); time.sleep(60)"#, "more than 131072 bytes"),
        (#"if request == "look": sys.stdout.write("y" * 200000); sys.stdout.flush(); time.sleep(60)"#, "more than 131072 bytes"),
        (#"if request == "look": sys.stdout.buffer.write(os.urandom(4096) + b"\n"); sys.stdout.flush()"#, "no JSON"),
        (#"if request == "look": say(id=999, answer={})"#, "was not asked"),
        (#"if request == "look": os.close(1); os.close(0); time.sleep(60)"#, "was killed"),
        (#"if request == "look": print("[" * 100000, flush=True)"#, "levels"),
        (
            #"if request == "look": subprocess.Popen(["/bin/sleep", "60"], start_new_session=False); sys.exit(4)"#,
            "left a process behind"
        ),
    ])
    func oneThatFailsIsStartedAgain(_ trick: String, _ reason: String) async throws {
        // Only the first time.
        let once = """
            if not os.path.exists(FILE + ".failed") and request == "look":
                        open(FILE + ".failed", "w").close()
                        \(trick)
            """
        try script.write("web", ConnectorScript.python(tricks: once))
        let limits: ConnectorLimits = reason.contains("did not answer") ? .impatient : .short
        try await ConnectorHost.running(script, limits: limits) { host, news in
            let web = try await connector(host, limits: limits)
            await #expect(throws: ConnectorError.self) { try await web.look(after: nil, now: noon) }
            try await eventually("it is there again") { news.told.count == 3 }
            #expect(news.told.first == "greeted" && news.told.last == "recovered")
            #expect(news.told[1].contains(reason), "\(news.told)")
            #expect(try await web.look(after: nil, now: noon).state == .running)
            #expect(host.report.starts == 2)
        }
    }

    @Test(arguments: [
        ("#!/bin/sh\nexit 1\n", "status 1"), ("no program", "did not start"), ("#!/nowhere\n", "did not start"),
        ("#!/bin/sh\nsleep 60\n", "did not answer 'hello'"), ("#!/bin/sh\nyes\n", "no JSON"),
        (
            "#!/bin/sh\nwhile read line; do echo '{\"id\": 1, \"error\": {\"code\": \"no\", \"text\": \"not today\"}}'; done\n",
            "not today"
        ),
        ("#!/bin/sh\nhead -c 300000 /dev/zero | tr '\\\\0' x\nsleep 60\n", "more than 131072 bytes"),
        ("#!/bin/sh\nwhile :; do echo '{\"notice\": \"changed\"}'; done\n", "more than 32 lines"),
    ])
    func oneThatNeverAnswersIsTriedAgainAndSaysWhy(_ text: String, _ reason: String) async throws {
        try script.write("web", text)
        let limits: ConnectorLimits = reason.contains("did not answer") ? .impatient : .short
        try await ConnectorHost.running(script, limits: limits) { host, news in
            try await eventually("it was started again") { host.report.starts > 2 }
            #expect(news.told.filter { $0.hasPrefix("failed") }.count == 1, "once is enough")
            #expect(host.report.failure?.contains(reason) == true, "\(host.report)")
            #expect(!host.report.running)
            let error = await #expect(throws: ConnectorError.self) { try await host.ask(.hello, within: .seconds(5)) }
            #expect(error?.code == "connectorNotRunning")
        }
    }

    @Test func aNoticeIsToldAndManyAreOne() async throws {
        let trick = #"""
            if request == "look":
                        for _ in range(8): say(notice="changed")
            """#
        try script.write("web", ConnectorScript.python(tricks: trick))
        try await ConnectorHost.running(script) { host, news in
            let web = try await connector(host)
            _ = try await web.look(after: nil, now: noon)
            try await eventually("it is told") { news.told.contains("changed") }
            #expect(news.told.count <= 4, "\(news.told)")
        }
    }

    @Test func oneThatIsStoppedEndsWithWhatItStarted() async throws {
        let trick = """
            if request == "hello": open(FILE + ".child", "w").write(str(subprocess.Popen(["/bin/sleep", "600"]).pid))
            """
        try script.write("web", ConnectorScript.python(tricks: trick))
        let child = try await ConnectorHost.running(script) { host, _ in
            _ = try await connector(host)
            let text = SystemCall.line(of: script.directory.path + "/.port.child")
            return try #require(text.flatMap { pid_t($0) })
        }
        try await eventually("the process that it started has ended") { kill(child, 0) != 0 }
    }

    @Test func itHasNothingOfTheAgentsButItsPipes() async throws {
        let trick = #"""
            if request == "look":
                        say(id=message["id"], answer={"state": "running", "facts": {
                            "descriptors": ",".join(sorted(os.listdir("/proc/self/fd"))[:9]), "session": str(os.getsid(0) == os.getpid()),
                            "environment": ",".join(sorted(os.environ))}})
                        continue
            """#
        try script.write("web", ConnectorScript.python(tricks: trick))
        try await ConnectorHost.running(script) { host, _ in
            let facts = try await connector(host).look(after: nil, now: noon).facts
            let texts = Dictionary(uniqueKeysWithValues: facts.map { ($0.name, $0.text) })
            // The last is that of the listing itself.
            #expect(texts["descriptors"] == "0,1,2,3")
            #expect(texts["session"] == "True")
            #expect(texts["environment"]?.hasPrefix("LC_ALL") == true && texts["environment"]?.contains("PATH") == true)
        }
    }
}
