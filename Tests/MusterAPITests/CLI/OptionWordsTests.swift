import MusterAPI
import MusterModel
import MusterTestKit
import Testing

@testable import muster

/// Errors of the command line speak of what was typed.
struct OptionWordsTests {
    @Test func aMemberIsTheOptionItCameFrom() {
        #expect(OptionWords.option(for: "maximumUses", at: APIPath.enrolmentTokens) == "--uses")
        #expect(OptionWords.option(for: "servers", at: APIPath.connectionSettings) == "--server-address")
        #expect(OptionWords.option(for: "syncIntervalSeconds", at: "/api/v1/packages/x") == "--interval")
        #expect(OptionWords.option(for: "syncIntervalSeconds", at: APIPath.syncInterval) == "sync-interval")
        #expect(OptionWords.option(for: "name", at: APIPath.filled(APIPath.device, DeviceID.random())) == "<name>")
        #expect(OptionWords.option(for: "name", at: APIPath.apiTokens) == "--name")
        #expect(OptionWords.option(for: "somethingNewer", at: APIPath.devices) == "somethingNewer")
    }

    @Test func whatIsAllowedIsSaidAsItIsTyped() {
        #expect(OptionWords.allowed("60…86400", for: "syncIntervalSeconds") == "1m…1d")
        #expect(OptionWords.allowed("1…1000", for: "limit") == "1…1000")
        #expect(OptionWords.allowed("HOST[:PORT]", for: "servers") == "HOST[:PORT]")
        #expect(OptionWords.allowed("a…b", for: "expiresInSeconds") == "a…b")
    }

    @Test(arguments: [
        (["enrolment-tokens", "create", "--uses", "0"], "--uses: ", "maximumUses"),
        (["enrolment-tokens", "create", "--expires", "1s"], "--expires: ", "expiresInSeconds"),
        (["api-tokens", "create", "--name", " x"], "--name: ", "body"),
        (["settings", "set", "sync-interval", "30s"], "sync-interval: ", "syncIntervalSeconds"),
        (["settings", "set", "permanent-connections.limit", "100000000"], "permanent-connections.limit: ", "member"),
        (["packages", "create", "Office", "--server-address", "a b"], "--server-address: ", "servers"),
        (["packages", "create", "Office", "--server-address", "a", "--interval", "1s"], "--interval: ", "syncIntervalSeconds"),
        (["devices", "sync", "--all", "--expires", "400d"], "--expires: ", "expiresAfterSeconds"),
        (["devices", "rename", "alpha", ""], "<name>: ", "member"),
    ])
    func theRealCommandSaysIt(_ arguments: [String], _ said: String, _ unsaid: String) async throws {
        try await APIFixture.with { api in
            _ = try await api.device("alpha")
            let refused = try await MusterCommand(api).run(arguments)
            #expect(refused.status != 0 && refused.error.contains(said) && !refused.error.contains(unsaid), "\(refused.error)")
        }
    }
}
