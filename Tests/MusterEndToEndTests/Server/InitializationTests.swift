import Foundation
import MusterTestKit
import Testing

/// `muster-server init`: what it makes, and that it makes it once.
@Suite(.fewAtATime)
struct InitializationTests {
    private let files: TemporaryDirectory
    private let directory: String

    init() throws {
        files = try TemporaryDirectory()
        directory = files.file("server")
    }

    private func initialize(_ arguments: String...) async throws -> CommandResult {
        try await runProgram("muster-server", ["init", "--data-dir", directory] + arguments)
    }

    @Test func makesTheFilesItPromisesClosedToOthers() async throws {
        let result = try await initialize("--external-address", "muster.example").succeeded()
        let made = try DirectorySnapshot(directory)
        let expected: Set<String> = [
            "admin.token", "api.crt", "api.key", "api.pin", "issuer.key", "lock", "muster.db", "reserve.key", "server.crt",
            "server.json", "server.key",
        ]
        #expect(made.names == expected)
        #expect(made.entries[""]?.mode == 0o700)
        for name in expected { #expect(made.entries[name]?.mode == 0o600, "\(name)") }
        let token = String(decoding: made.entries["admin.token"]?.content ?? Data(), as: UTF8.self)
        #expect(token.hasPrefix("muster_") && token.hasSuffix("\n"))
        let pin = String(decoding: made.entries["api.pin"]?.content ?? Data(), as: UTF8.self)
        #expect(pin.dropLast().count == 64 && pin.dropLast().allSatisfy(\.isHexDigit))
        for file in ["admin.token", "api.pin", "reserve.key"] { #expect(result.output.contains("\(directory)/\(file)")) }
        #expect(result.output.contains("Move it to another place"))
        #expect(!result.output.contains(token.dropLast()), "the token itself is not for the terminal")
    }

    @Test func aSecondOneRefusesAndChangesNothing() async throws {
        try await initialize().succeeded()
        let before = try DirectorySnapshot(directory)
        let second = try await initialize("--external-address", "other.example", "--database", "\(directory)/other.db")
        #expect(second.status == 1)
        #expect(second.error.contains("\(directory) is set up already; nothing was changed"))
        #expect(try DirectorySnapshot(directory) == before)
    }

    @Test func oneThatFailedCanBeRepeated() async throws {
        let failed = try await initialize("--database", "postgresql://nobody@/none?host=\(directory)/nowhere")
        #expect(failed.status == 1)
        #expect(failed.error.contains("nowhere"), "\(failed.error)")
        #expect(!FileManager.default.fileExists(atPath: "\(directory)/server.json"))
        try await initialize().succeeded()
        #expect(FileManager.default.fileExists(atPath: "\(directory)/server.json"))
    }

    @Test func whatIsNoDatabaseIsRefused() async throws {
        let failed = try await initialize("--database", "mysql://root@localhost/x")
        #expect(failed.status == 1)
        #expect(failed.error.contains("mysql://root@localhost/x") && failed.error.contains("postgresql://"), "\(failed.error)")
    }

    @Test func theAPIsCertificateIsForTheExternalAddresses() async throws {
        try await initialize("--external-address", "muster.example", "--external-address", "192.0.2.7").succeeded()
        let arguments = ["x509", "-inform", "DER", "-in", "\(directory)/api.crt", "-noout", "-ext", "subjectAltName"]
        let shown = try await runProgram(ProgramPath.ofSystem("openssl"), arguments).succeeded().output
        #expect(shown.contains("DNS:muster.example") && shown.contains("IP Address:192.0.2.7"), "\(shown)")
    }

    /// Its devices are not this server's: they trust other keys.
    @Test(arguments: DatabaseKind.allCases)
    func aDatabaseWithDevicesOfAnotherServerIsRefused(kind: DatabaseKind) async throws {
        let url = try kind.makeURL()
        let server = try await TestServer(database: url)
        try await server.start()
        try await TestAgent(server: server).enrol()
        let database = url ?? "\(server.dataDirectory)/muster.db"
        if kind == .postgresql {
            #expect(try await initialize("--database", database).status == 1, "it is in use")
        }
        try await server.stop()
        let refused = try await initialize("--database", database)
        #expect(refused.status == 1 && refused.error.contains("devices of another server"), "\(refused.error)")
        #expect(!FileManager.default.fileExists(atPath: "\(directory)/admin.token"))
        try await server.start()
        #expect(try await server.musterJSON("api-tokens", "list").count == 1)
        #expect(try await server.musterJSON("devices", "list").count == 1)
    }

    /// A device is moved to it on the day the active key is lost: devices trust both from the start.
    @Test func theReserveKeyIsNotNeededToRun() async throws {
        let server = try await TestServer()
        try FileManager.default.removeItem(atPath: "\(server.dataDirectory)/reserve.key")
        try await server.start()
        #expect(try await server.makeToken().pins.count == 2)
        #expect(try await server.stop() == 0)
    }

    @Test func theFirstTokenIsAnAdministratorsFor90Days() async throws {
        let server = try await TestServer()
        try await server.start()
        let tokens = try await server.musterJSON("api-tokens", "list")
        #expect(tokens.texts("role") == ["administrator"])
        let created = try #require(time(tokens.first?.text("created")))
        #expect(time(tokens.first?.text("expires")) == created.addingTimeInterval(90 * 86_400))
    }

    @Test(arguments: DatabaseKind.allCases)
    func whoHasNoTokenLeftMakesAnother(kind: DatabaseKind) async throws {
        let server = try await TestServer(database: kind.makeURL())
        try await server.start()
        let first = try #require(try await server.musterJSON("api-tokens", "list").first?.text("id"))
        try await server.muster("api-tokens", "revoke", first).succeeded()
        #expect(try await server.muster("devices", "list").status == 1)

        let arguments = ["admin-token", "--data-dir", server.dataDirectory]
        let early = try await runProgram("muster-server", arguments)
        #expect(early.status == 1 && early.error.contains("stop it first"), "\(early.error)")

        try await server.stop()
        let made = try await runProgram("muster-server", arguments).succeeded()
        #expect(made.output.contains("\(server.dataDirectory)/admin.token"))
        try await server.start()
        let tokens = try await server.musterJSON("api-tokens", "list")
        #expect(tokens.count { $0.text("role") == "administrator" && $0.text("id") != first } == 1, "\(tokens)")
    }

    /// What root wrote there, the server's own user could not change any more.
    @Test func anotherUsersDirectoryIsLeftAlone() async throws {
        try await initialize().succeeded()
        guard geteuid() == 0 else { return }
        try FileManager.default.setAttributes([.ownerAccountName: "nobody"], ofItemAtPath: directory)
        let before = try DirectorySnapshot(directory)
        let refused = try await runProgram("muster-server", ["admin-token", "--data-dir", directory])
        #expect(refused.status == 1 && refused.error.contains("runuser -u nobody -- muster-server"), "\(refused.error)")
        #expect(try DirectorySnapshot(directory) == before)
    }

    @Test func withoutAServerThereIsNoTokenToMake() async throws {
        let refused = try await runProgram("muster-server", ["admin-token", "--data-dir", directory])
        #expect(refused.status == 1 && refused.error.contains("muster-server init"), "\(refused.error)")
    }
}
