import Foundation
import MusterAPI
import MusterModel
import MusterServer
import MusterTestKit
import MusterTrust
import Testing

@testable import muster

/// Whom the command talks to, and what it says when it cannot.
struct ConnectionTests {
    @Test func aWrongKeyIsRefusedBeforeAnythingIsSent() async throws {
        try await APIFixture.with { api in
            var muster = try MusterCommand(api)
            muster.environment["MUSTER_PIN"] = PrivateKey.generate().pin.description
            let outcome = try await muster("devices", "list")
            #expect(outcome.status == 1)
            #expect(outcome.error.contains(api.key.pin.description))
            muster.environment["MUSTER_PIN"] = PrivateKey.generate().pin.description + "," + api.key.pin.description
            #expect(try await muster("devices", "list").status == 0)
        }
    }

    @Test func withoutAPinTheSystemsTrustDecides() async throws {
        try await APIFixture.with { api in
            var muster = try MusterCommand(api)
            muster.environment["MUSTER_PIN"] = nil
            let outcome = try await muster("devices", "list")
            #expect(outcome.status == 1)
            #expect(outcome.error.contains("--pin"), "\(outcome.error)")
            muster.environment["MUSTER_PIN"] = "   "
            #expect(try await muster("devices", "list").error.contains("pin given is empty"))
        }
    }

    @Test func nobodyThere() async throws {
        let port = try await APIFixture.with { $0.port }
        try await APIFixture.with { api in
            var muster = try MusterCommand(api)
            muster.environment["MUSTER_SERVER"] = "127.0.0.1:\(port)"
            let outcome = try await muster("devices", "list")
            #expect(outcome.status == 1)
            #expect(outcome.error.contains("connection refused"), "\(outcome.error)")
            muster.environment["MUSTER_SERVER"] = "nowhere.invalid"
            #expect(try await muster("devices", "list").error.contains("cannot be resolved"))
        }
    }

    @Test func settingsComeFromTheFileToo() async throws {
        try await APIFixture.with { api in
            var muster = try MusterCommand(api)
            let file = muster.home + "/.config/muster"
            try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: true)
            let members = [
                "server": "127.0.0.1:\(api.port)", "pin": api.key.pin.description, "tokenFile": "admin.token",
            ]
            try JSONEncoder().encode(members).write(to: URL(fileURLWithPath: file + "/config.json"))
            try api.administrator.write(toFile: file + "/admin.token", atomically: true, encoding: .utf8)
            muster.environment = [:]
            let outcome = try await muster("devices", "list")
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.error.contains("chmod 600"))
            try JSONEncoder().encode(["pins": "x"]).write(to: URL(fileURLWithPath: file + "/config.json"))
            #expect(try await muster("devices", "list").error.contains("'pins'"))
        }
    }

    @Test(.timeLimit(.minutes(5))) func followPrintsOneObjectALine() async throws {
        try await APIFixture.with(configure: { $0.heartbeat = .milliseconds(100) }) { api in
            let id = try await api.device("alpha")
            try await api.events(id, from: 1, ["before"])
            let muster = try MusterCommand(api)
            let (process, output, _) = try muster.process(["events", "list", "--follow", "--output", "json"])
            try process.run()
            defer { process.terminate() }
            var lines = MusterCommand.lines(of: output).makeAsyncIterator()
            func text() async throws -> String? {
                guard let line = await lines.next(isolation: #isolation) else { return nil }
                return try APICoding.decode(EventEntry.self, from: Data(line.utf8)).text
            }
            #expect(try await text()?.contains("enrolled") == true)
            #expect(try await text() == "before")
            try await api.events(id, from: 2, ["live"])
            #expect(try await text() == "live")
        }
    }

    @Test(.timeLimit(.minutes(5))) func followingGoesOnAfterTheServerCameBack() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            var muster = try MusterCommand(api)
            let output = Pipe()
            var lines = MusterCommand.lines(of: output).makeAsyncIterator()
            let first = try await api.serveToo(port: 0) { port in
                muster.environment["MUSTER_SERVER"] = "localhost:\(port)"
                let (process, _, _) = try muster.process(["events", "list", "--follow", "--output", "json"])
                process.standardOutput = output
                try process.run()
                try await api.events(id, from: 1, ["one"])
                return (port: port, process: process, line: await lines.next(isolation: #isolation))
            }
            defer { first.process.terminate() }
            try await api.events(id, from: 2, ["two", "three"])
            try await api.serveToo(port: first.port) { _ in
                try await api.events(id, from: 4, ["four"])
                var texts: [String] = []
                var line = first.line
                while let json = line {
                    texts.append(try APICoding.decode(EventEntry.self, from: Data(json.utf8)).text)
                    line = texts.count == 5 ? nil : await lines.next(isolation: #isolation)
                }
                #expect(texts.dropFirst() == ["one", "two", "three", "four"])
            }
        }
    }
}
