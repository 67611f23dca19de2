import Foundation
import MusterTestKit
import Testing

/// `muster enrolment-tokens` and `muster api-tokens`.
@Suite(.fewAtATime)
struct TokenCommandTests {
    private let server: TestServer

    init() async throws {
        server = try await TestServer()
        try await server.start()
    }

    private func makeAPIToken(_ role: String) async throws -> (id: String, file: String) {
        let created = try await server.musterJSON("api-tokens", "create", "--name", role, "--role", role).first
        let token = try #require(created?.text("token"))
        return (try #require(created?.text("id")), try server.secretFile(token))
    }

    @Test func anEnrolmentTokenIsMadeAndListedWithoutItsSecret() async throws {
        let made = try #require(
            try await server.musterJSON("enrolment-tokens", "create", "--name", "hall", "--uses", "3", "--expires", "2d").first)
        let (id, token) = (try #require(made.text("id")), try #require(made.text("token")))
        #expect((made["pins"] as? [String])?.count == 2)
        let listed = try #require(try await server.musterJSON("enrolment-tokens", "list").first)
        #expect(listed.text("id") == id && listed.text("name") == "hall" && listed.number("maximumUses") == 3)
        let created = try #require(time(listed.text("created")))
        #expect(time(listed.text("expires")) == created.addingTimeInterval(2 * 86_400))
        #expect(listed.text("expires") == made.text("expires"))
        let secret = try #require(token.split(separator: ".").last)
        #expect(!(try await server.muster("enrolment-tokens", "list", "--output", "json").output.contains(secret)))
        let table = try await server.muster("enrolment-tokens", "create").succeeded().output
        for text in ["Token", "Pin", "Expires"] { #expect(table.contains(text)) }
    }

    @Test func aRevokedEnrolmentTokenEnrolsNobody() async throws {
        let (file, pins) = try await server.makeToken(uses: 5)
        let id = try #require(try await server.musterJSON("enrolment-tokens", "list").texts("id").first)
        try await server.muster("enrolment-tokens", "revoke", id).succeeded()
        #expect(time(try await server.musterJSON("enrolment-tokens", "list").first?.text("revoked")) != nil)
        let agent = try TestAgent(server: server)
        let place = ["--server", "\(server.address):\(server.agentPort)", "--token-file", file]
        let result = try await agent.command(["enrol"] + place + pins.flatMap { ["--pin", $0] })
        #expect(result.status == 1 && result.error.contains("tokenRevoked"), "\(result.error)")
        #expect(try await server.musterJSON("devices", "list").isEmpty)
        #expect(try await server.closes("tokenRevoked") == 1)
    }

    @Test(arguments: [["--uses", "0"], ["--expires", "1s"], ["--expires", "400d"]])
    func aWrongEnrolmentTokenIsRefusedWithWhatIsAllowed(arguments: [String]) async throws {
        let result = try await server.muster(["enrolment-tokens", "create"] + arguments)
        #expect(result.status == 1 && result.error.contains("allowed"), "\(result.error)")
        #expect(try await server.musterJSON("enrolment-tokens", "list").isEmpty)
    }

    @Test func aRevokedAPITokenIsWorthNothing() async throws {
        let (id, file) = try await makeAPIToken("administrator")
        #expect(try await server.muster(["devices", "list"], tokenFile: file).status == 0)
        try await server.muster("api-tokens", "revoke", id).succeeded()
        let refused = try await server.muster(["devices", "list"], tokenFile: file)
        #expect(refused.status == 1 && refused.error.contains("401"), "\(refused.error)")
        let listed = try await server.musterJSON("api-tokens", "list").first { $0.text("id") == id }
        #expect(time(listed?.text("revoked")) != nil && listed?["token"] == nil)
    }

    @Test(arguments: ["viewer", "operator", "auditor"])
    func othersThanAdministratorsSeeAndChangeNothing(role: String) async throws {
        let (_, file) = try await makeAPIToken(role)
        #expect(try await server.muster(["devices", "list"], tokenFile: file).status == 0)
        #expect(try await server.muster(["server", "status"], tokenFile: file).status == 0)
        let changes = [
            ["settings", "set", "sync-interval", "5m"], ["enrolment-tokens", "create"],
            ["api-tokens", "create", "--name", "more", "--role", "administrator"],
        ]
        for change in changes {
            let refused = try await server.muster(change, tokenFile: file)
            #expect(refused.status == 1 && refused.error.contains("403"), "\(change): \(refused.error)")
        }
        #expect(try await server.musterJSON("settings", "get", "sync-interval").first?.number("syncIntervalSeconds") == 900)
        #expect(try await server.musterJSON("enrolment-tokens", "list").isEmpty)
    }

    @Test func anEnrolmentTokenIsNoAPIToken() async throws {
        let (file, _) = try await server.makeToken()
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let refused = try await server.muster(["devices", "list"], tokenFile: file)
        #expect(refused.status == 1 && refused.error.contains("muster_"), "\(refused.error)")
        let disguised = try server.secretFile("muster_" + text.dropLast())
        let unknown = try await server.muster(["devices", "list"], tokenFile: disguised)
        #expect(unknown.status == 1 && unknown.error.contains("401"), "\(unknown.error)")
    }
}
