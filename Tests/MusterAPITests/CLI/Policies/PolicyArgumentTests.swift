import Foundation
import MusterAPI
import MusterModel
import MusterTestKit
import Testing

@testable import muster

/// What is typed for policies and settings, before a server is asked.
struct PolicyArgumentTests {
    @Test func keysAndValuesArePartedAtTheFirstSign() throws {
        let argument = try SettingArgument.typed("proxy=http://a=b")
        #expect(argument.key == "proxy" && argument.text == "http://a=b")
        #expect(try SettingArgument.typed("watched=").text.isEmpty)
        #expect(try SettingName.parsed("network-agent/proxy") == SettingName(application: "network-agent", key: "proxy"))
    }

    @Test(arguments: [
        (["policies", "set", "p"], "KEY=VALUE"), (["policies", "set", "p", "five"], "KEY=VALUE"),
        (["policies", "set", "p", "=5m"], "KEY=VALUE"), (["policies", "set", "p", "a=1", "a=2"], "'a' is given twice"),
        (["policies", "set", "p", "a=1", "--secret", "a=f"], "'a' is given twice"),
        (["policies", "set", "p", "--secret", "a=-", "--secret", "b=-"], "one secret only"),
        (["policies", "set", "p", "a=1", "--lock", "--unlock"], "--lock"),
        (["policies", "create", "n", "--application", "a", "--group", "/", "--set", "a=1", "--lock", "b"], "--set b=VALUE"),
        (["policies", "create", "n", "--application", "a"], "--group"),
        (["policies", "add-profile", "p", "n"], "--when"), (["policies", "edit-profile", "p", "n"], "--rename"),
        (["policies", "delivery", "p", "--watch", "--state", "failed"], "--watch"),
        (["policies", "delivery", "p", "--state", "gone"], "not-supported"),
        (["devices", "set", "d", "sync-interval=5m"], "APPLICATION/KEY"),
        (["devices", "set", "d", "a/b/c=5m"], "APPLICATION/KEY"), (["devices", "unset", "d", "/b"], "APPLICATION/KEY"),
    ])
    func aWrongLineIsRefusedInWords(_ arguments: [String], _ said: String) async throws {
        let refused = try await MusterCommand(home: "/nonexistent").run(arguments)
        #expect(refused.status == 64 && refused.error.contains(said), "\(refused.error)")
    }

    @Test func secretsComeOutOfFilesWithoutTheirLineEnd() throws {
        let files = try TemporaryDirectory()
        func secret(_ text: String) throws -> String {
            try text.write(toFile: files.file("secret"), atomically: true, encoding: .utf8)
            return try SecretInput.read(files.file("secret"))
        }
        #expect(try secret("hunter2\n") == "hunter2")
        #expect(try secret("hunter2\r\n") == "hunter2")
        #expect(try secret(" a b \n\n") == " a b \n")
        #expect(try #require(throws: CommandError.self) { _ = try secret("\n") }.reason.contains("it is empty"))
        let missing = try #require(throws: CommandError.self) { _ = try SecretInput.read(files.file("none")) }
        #expect(missing.reason.contains("No such file"))
    }

    @Test func aSecretIsNotTypedAndNothingElseIsASecret() throws {
        let files = try TemporaryDirectory()
        try "hunter2".write(toFile: files.file("secret"), atomically: true, encoding: .utf8)
        func values(_ typed: [String], _ secrets: [String]) throws -> [String: String] {
            let given = GivenSettings(
                typed: try typed.map(SettingArgument.typed), secrets: try secrets.map(SettingArgument.secret))
            return try given.values { ApplicationEntry(.networkAgent).isSecret($0) }
        }
        let file = files.file("secret")
        #expect(try values(["proxy=http://p"], ["proxy-password=\(file)"]) == ["proxy": "http://p", "proxy-password": "hunter2"])
        let typed = try #require(throws: CommandError.self) { _ = try values(["proxy-password=hunter2"], []) }
        #expect(typed.advice?.contains("--secret proxy-password=FILE") == true && !typed.description.contains("hunter2"))
        let other = try #require(throws: CommandError.self) { _ = try values([], ["proxy=\(file)"]) }
        #expect(other.reason.contains("'proxy' is no secret") && !other.description.contains("hunter2"))
        #expect(try values(["unknown=1"], ["other=\(file)"]) == ["unknown": "1", "other": "hunter2"], "the server says so")
    }
}
