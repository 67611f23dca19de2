import Glibc
import Logging
import MusterModel
import MusterSession
import MusterTestKit
import Synchronization

@testable import MusterAgent

/// Connectors that tests write: programs in a directory of their own.
struct ConnectorScript {
    static let web = ApplicationID("web") ?? .services

    let temporary: TemporaryDirectory
    var directory: ConnectorDirectory { ConnectorDirectory(path: temporary.path + "/connectors") }

    init() throws {
        temporary = try TemporaryDirectory()
        try temporary.write("connectors/.keep", "")
    }

    /// As a package installs it.
    func write(_ name: String = "web", _ text: String, mode: mode_t = 0o755) throws {
        try ProgramFile.write(text, to: "\(directory.path)/\(name)", mode: Int(mode))
    }

    func executable(_ name: String = "web") throws -> ConnectorDirectory.Executable {
        guard let found = directory.list().executables.first(where: { $0.application.description == name }) else {
            throw AgentError(.internalError, "there is no connector '\(name)': \(directory.list().refused)")
        }
        return found
    }

    /// One that keeps a number in the file `port` beside it, and does to a request what `tricks` says: Python, with `message` at hand.
    static func python(version: String = "1.0", tricks: String = "pass") -> String {
        """
        #!/usr/bin/python3
        import json, os, subprocess, sys, time
        FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), ".port")
        MANIFEST = {"id": "web", "version": "\(version)", "title": "Web server", "settings": [
            {"key": "port", "type": "number", "minimum": 1, "maximum": 65535, "title": "Port"},
            {"key": "wait", "type": "duration", "minimum": 0, "maximum": 60, "title": "Wait"}]}

        def say(**members):
            print(json.dumps(members), flush=True)

        def port():
            return int(open(FILE).read()) if os.path.exists(FILE) else 80

        for line in sys.stdin:
            message = json.loads(line)
            request = message["request"]
            \(tricks)
            if request == "hello":
                say(id=message["id"], answer={"protocol": 1, "manifest": MANIFEST, "version": "9.9", "period": 5})
            elif request == "look":
                say(id=message["id"], answer={"state": "running", "facts": {"port": str(port())},
                    "statistics": {"pid": os.getpid()},
                    "events": [{"type": "looked", "severity": "info", "text": "seen", "parameters": {"port": port(), "at": "x"}}]})
            elif request == "settings":
                say(id=message["id"], answer={"settings": {"port": port(), "wait": None}})
            elif request == "apply":
                with open(FILE, "w") as file:
                    file.write(str(message["settings"]["port"]))
                say(id=message["id"], answer={})

        """
    }
}

extension ConnectorLimits {
    /// No test waits long for what happens again and again; what answers has time for it on a busy machine.
    static var short: Self {
        var limits = Self()
        limits.answering = .seconds(60)
        limits.applying = .seconds(60)
        limits.restarting = .init(first: .milliseconds(20), most: .milliseconds(100))
        limits.ending = .milliseconds(300)
        limits.changing = .milliseconds(50)
        limits.scanning = .milliseconds(200)
        return limits
    }

    /// For what does not answer in time.
    static var impatient: Self {
        var limits = short
        limits.answering = .seconds(5)
        return limits
    }
}

/// What a host tells, as words: `greeted`, `recovered`, `failed: …`, `changed`.
final class HostNews: Sendable {
    private let words = Mutex<[String]>([])

    var told: [String] { words.withLock { $0 } }

    func hear(_ news: ConnectorHost.News) {
        words.withLock { words in
            switch news {
            case .greeted(_, let hadFailed): words.append(hadFailed ? "recovered" : "greeted")
            case .failed(let reason): words.append("failed: \(reason)")
            case .changed: words.append("changed")
            }
        }
    }
}

extension ConnectorHost {
    /// Runs it until `body` ends; its process has ended then.
    static func running<Value: Sendable>(
        _ script: ConnectorScript, limits: ConnectorLimits = .short,
        _ body: (ConnectorHost, HostNews) async throws -> Value
    ) async throws -> Value {
        let news = HostNews()
        let host = ConnectorHost(try script.executable(), limits: limits, logger: .silent, now: { noon }) { _, new in
            news.hear(new)
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            defer { group.cancelAll() }
            return try await body(host, news)
        }
    }
}
