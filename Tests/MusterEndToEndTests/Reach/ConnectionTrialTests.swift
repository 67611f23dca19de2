import Foundation
import MusterTestKit
import Testing

/// New connection settings are on trial: a bad change cuts no device off. Through the real programs.
@Suite(.fewAtATime)
struct ConnectionTrialTests {
    private func site(permanent: Bool) async throws -> Site {
        let site = try await Site()
        guard permanent else { return site }
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await site.agent.sync()
        try await eventually("the permanent connection is in force") {
            try await site.server.device(site.device).object("permanentConnection").text("state") == "inForce"
        }
        return site
    }

    /// Each wrong in another way; nothing listens on port 9 of an address of this machine.
    static let wrong: [(String, [String])] = [
        ("name", ["--server-address", "no-such-name.invalid:13000"]), ("port", ["--server-address", "127.0.0.1:9"]),
        ("proxy", ["--server-address", "SERVER", "--proxy", "http://127.0.0.1:9"]),
    ]

    @Test(arguments: wrong.map(\.0), [true, false])
    func aBadChangeCutsNoDeviceOff(_ what: String, permanent: Bool) async throws {
        let site = try await site(permanent: permanent)
        let options = try #require(Self.wrong.first { $0.0 == what }?.1).map { $0 == "SERVER" ? site.server.place : $0 }
        try await site.server.muster(["settings", "connection"] + options).succeeded()
        if !permanent { try await site.agent.sync() }
        try await eventually("it is rolled back", state: { String(site.agent.log.suffix(3000)) }) {
            try await site.events("connection-settings-rolled-back").count == 1
        }
        let event = try #require(try await site.events("connection-settings-rolled-back").first)
        #expect(event.parameter("reason") as? String != nil && (event.text("text") ?? "").contains("the old ones stay in force"))
        // It is where it was, and the same are not tried again.
        try await site.agent.sync()
        let status = try await site.agent.status()
        #expect(status["servers"] as? [String] == [site.server.place] && status.text("lastError") == nil)
        try await site.agent.event("still-here", "info", "still here")
        try await eventually("it is still served") { try await site.events("still-here").count == 1 }
        #expect(try await site.events("connection-settings-rolled-back").count == 1)
    }

    @Test(arguments: [true, false])
    func aGoodChangeIsTakenUp(permanent: Bool) async throws {
        let site = try await site(permanent: permanent)
        // The first is not there: the second is the server.
        let good = ["no-such-name.invalid:13000", site.server.place]
        try await site.server.muster("settings", "connection", "--server-address", good[0], "--server-address", good[1])
            .succeeded()
        if !permanent { try await site.agent.sync() }
        try await eventually("they are in force", state: { String(site.agent.log.suffix(3000)) }) {
            try await site.agent.status()["servers"] as? [String] == good
        }
        try await eventually("it is said") { try await site.events("connection-settings-adopted").count == 1 }
        if permanent {
            try await eventually("the permanent connection is back") {
                try await site.server.device(site.device).object("permanentConnection").text("state") == "inForce"
            }
        }
        let shown = try await site.server.muster("settings", "connection").succeeded().output
        #expect(shown.contains("no-such-name.invalid:13000, \(site.server.place)"))
    }

    @Test func whatCannotBeIsRefused() async throws {
        let server = try await TestServer()
        try await server.start()
        for arguments in [["--server-address", "a b"], ["--proxy", "http://p:1"], ["--unmanaged", "--server-address", "a"]] {
            #expect(try await server.muster(["settings", "connection"] + arguments).status == 64, "\(arguments)")
        }
        let wrong = try await server.muster("settings", "connection", "--server-address", "a\"b")
        #expect(wrong.error.contains("HOST[:PORT]"), "\(wrong.error)")
        let twice = try await server.muster("settings", "connection", "--server-address", "a", "b:13000", "a:13000").succeeded()
        #expect(twice.output.contains("a:13000, b:13000\n"), "\(twice.output)")
        let none = try await server.muster("settings", "connection", "--unmanaged").succeeded()
        #expect(none.output.contains("goes on with those it has"), "\(none.output)")
    }
}
