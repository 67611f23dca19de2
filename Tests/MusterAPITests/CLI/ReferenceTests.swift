import Foundation
import MusterAPI
import MusterModel
import MusterTestKit
import NIOHTTP1
import Testing

@testable import muster

/// Actions and tokens by the beginning of their ids, and what is said of one that is too short.
struct ReferenceTests {
    private func order(_ api: APIFixture) async throws -> ActionOrderEntry {
        try await api.client.send(.POST, "/api/v1/actions", json: #"{"kind":"synchronize","all":true}"#).value()
    }

    @Test func anActionByItsBeginning() async throws {
        try await APIFixture.with { api in
            _ = try await api.device("alpha")
            let id = try await order(api).id.description
            let muster = try MusterCommand(api)
            #expect(try await muster("actions", "show", String(id.prefix(8))).output.contains("alpha"))
            let short = try await muster("actions", "show", String(id.prefix(3)))
            #expect(short.status == 1 && short.error.contains("4 characters or more"), "\(short.error)")
            let none = try await muster("actions", "cancel", "zzzz")
            #expect(none.status == 1 && none.error.contains("muster actions list"), "\(none.error)")
            #expect(try await muster("actions", "cancel", String(id.prefix(4)).uppercased()).output.contains("cancelled"))
        }
    }

    @Test func tokensByTheirBeginning() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            let made = try await muster("enrolment-tokens", "create", "--output", "json").object()
            let id = try #require(made["id"] as? String)
            let revoked = try await muster("enrolment-tokens", "revoke", String(id.prefix(8)), "--output", "json").object()
            #expect(revoked["id"] as? String == id)
            let whole = try await muster("enrolment-tokens", "revoke", try #require(made["token"] as? String))
            #expect(whole.status == 64, "a secret is not typed")
            let token = try await muster("api-tokens", "create", "--name", "ci", "--output", "json").object()
            let other = try #require(token["id"] as? String)
            #expect(try await muster("api-tokens", "revoke", String(other.prefix(8))).output.contains(other))
            let unknown = try await muster("api-tokens", "revoke", "ffff-ffff")
            #expect(unknown.status == 1 && unknown.error.contains("muster api-tokens list"), "\(unknown.error)")
        }
    }

    @Test func aDeviceByTooShortABeginning() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha").description
            let muster = try MusterCommand(api)
            let short = try await muster("devices", "show", String(id.prefix(3)))
            #expect(short.status == 1 && short.error.contains("4 characters or more"), "\(short.error)")
            let help = try await muster("devices", "show", "--help").output
            #expect(help.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains("4 characters or more"), "\(help)")
            #expect(try await muster("devices", "show", String(id.prefix(4))).status == 0)
        }
    }

    @Test func ofMoreThanAreShownTheRestIsCounted() throws {
        let server = try #require(APIAddress("h"))
        let tokens = try (10...30).map { number in
            EnrolmentTokenEntry(
                id: try #require(EnrolmentTokenID("aaaa1111-0000-4000-8000-0000000000\(number)")), name: "t\(number)",
                created: .init(milliseconds: 0), expires: .init(milliseconds: 1), uses: 0, maximumUses: 1)
        }
        var reference = Reference<EnrolmentTokenEntry>("aaaa")
        reference.considered(tokens)
        do {
            _ = try reference.decided(server: server)
            Issue.record("it is ambiguous")
        } catch {
            #expect(error.reason.contains("fits 21 enrolment tokens") && error.reason.contains("and 11 more"), "\(error)")
        }
    }
}
