import Foundation
import MusterAPI
import MusterModel
import NIOHTTP1
import Testing

@testable import MusterServer

/// What every request is held to: known parameters, known members, sizes, types, revisions, and the headers of every answer.
struct RequestRulesTests {
    @Test func unknownAndRepeatedParametersAreNamed() async throws {
        try await APIFixture.with { api in
            var answer = try await api.client.get("/api/v1/devices?limit=5&colour=red")
            #expect(answer.status == 400)
            #expect(
                answer.problem?.errors == [
                    .init(
                        field: "colour", detail: "This path has no such parameter.",
                        allowed: "limit, cursor, state, filter, selection")
                ])
            answer = try await api.client.get("/api/v1/devices?limit=5&limit=6")
            #expect(answer.problem?.errors?.map(\.field) == ["limit"])
            answer = try await api.client.get("/api/v1/devices?%ZZ=1")
            #expect(answer.status == 400)
            answer = try await api.client.get("/api/v1/server/status?x")
            #expect(answer.problem?.errors?.first?.allowed == "none")
        }
    }

    @Test(arguments: [("0", 400), ("1", 200), ("1000", 200), ("1001", 400), ("-1", 400), ("ten", 400), ("", 400)])
    func limitHasBounds(_ limit: String, _ status: Int) async throws {
        try await APIFixture.with { api in
            let answer = try await api.client.get("/api/v1/events?limit=\(limit)")
            #expect(answer.status == status)
            if status == 400 { #expect(answer.problem?.errors?.first?.allowed == "1…1000") }
        }
    }

    @Test func cursorsAreChecked() async throws {
        try await APIFixture.with { api in
            for path in ["devices", "installed", "enrolment-tokens", "api-tokens", "events"] {
                for cursor in ["x", "e30", "%00", String(repeating: "A", count: 5000)] {
                    let answer = try await api.client.get("/api/v1/\(path)?cursor=\(cursor)")
                    #expect(answer.status == 400, "\(path) \(cursor.prefix(8))")
                    #expect(answer.problem?.errors?.first?.field == "cursor")
                }
            }
        }
    }

    private static let wrongBodies: [(json: String, field: String?)] = [
        (#"{"name":"a","role":"viewer","admin":true}"#, "admin"),
        (#"{"name":"a"}"#, "role"),
        (#"{"name":"a","role":"king"}"#, "role"),
        (#"{"name":5,"role":"viewer"}"#, "name"),
        (#"{"name":"a\u0007b","role":"viewer"}"#, "name"),
        (#"{"name":"","role":"viewer"}"#, "name"),
        (#"{"name":"a","role":"viewer","expiresInSeconds":59}"#, "expiresInSeconds"),
        (#"{"name":"a","role":"viewer","expiresInSeconds":9223372036854775807}"#, "expiresInSeconds"),
        (#"{"name":"a","role":"viewer","expiresInSeconds":1e99}"#, nil),
        ("[]", nil), ("{", nil), ("", nil),
    ]

    @Test func bodiesAreChecked() async throws {
        try await APIFixture.with { api in
            for (json, field) in Self.wrongBodies {
                let answer = try await api.client.send(.POST, APIPath.apiTokens, json: json)
                #expect(answer.status == 400, "\(json)")
                #expect(answer.problem?.errors?.first?.field == field, "\(json)")
            }
            let text = try await api.client.send(.POST, APIPath.apiTokens, json: "{}", headers: [("Content-Type", "text/plain")])
            #expect(text.status == 415)
        }
    }

    @Test func bodySizeHasALimit() async throws {
        try await APIFixture.with { api in
            let limit = 1 << 20
            let frame = #"{"name":""}"#
            let atLimit = #"{"name":"\#(String(repeating: "x", count: limit - frame.utf8.count))"}"#
            #expect(try await api.client.send(.POST, APIPath.enrolmentTokens, json: atLimit).status == 400)
            let answer = try await api.client.send(.POST, APIPath.enrolmentTokens, json: atLimit + " ")
            #expect(answer.status == 413)
            #expect(answer.problem?.knownCode == .bodyTooLarge)
        }
    }

    @Test func unknownPathsAndMethods() async throws {
        try await APIFixture.with { api in
            for path in [
                "/", "/api", "/api/v1", "/api/v1/devices/", "/api/v1//devices", "/api/v2/devices", "/api/v1/devices/x/y/z",
            ] {
                #expect(try await api.client.get(path).problem?.knownCode == .routeUnknown, "\(path)")
            }
            let answer = try await api.client.send(.PUT, "/api/v1/devices/x")
            #expect(answer.status == 405)
            #expect(answer.headers.first(name: "Allow") == "GET, PATCH, DELETE")
        }
    }

    @Test func everyAnswerHasTheSecurityHeaders() async throws {
        try await APIFixture.with { api in
            for path in ["/api/v1/devices", "/api/v1/nothing", "/api/v1/events?x=1"] {
                let headers = try await api.client.get(path).headers
                #expect(headers.first(name: "X-Content-Type-Options") == "nosniff")
                #expect(headers.first(name: "Cache-Control") == "no-store")
                #expect(headers.first(name: "Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'")
                #expect(headers.first(name: "X-Frame-Options") == "DENY")
            }
        }
    }

    @Test func syncIntervalHasBoundsAndARevision() async throws {
        try await APIFixture.with { api in
            let path = APIPath.syncInterval
            let before: SyncIntervalSetting = try await api.client.get(path).value()
            #expect(before.syncIntervalSeconds == 900)
            for seconds in ["59", "86401", "-1", "9223372036854775807"] {
                let answer = try await api.client.send(.PUT, path, json: #"{"syncIntervalSeconds":\#(seconds)}"#)
                #expect(answer.status == 400)
                #expect(answer.problem?.errors?.first?.field == "syncIntervalSeconds")
                #expect(answer.problem?.errors?.first?.allowed == "60…86400")
            }
            for seconds in [60, 86400] {
                let answer = try await api.client.send(.PUT, path, json: #"{"syncIntervalSeconds":\#(seconds)}"#)
                #expect(answer.status == 200)
            }
            let policy = api.backend.administration.policies(of: .networkAgent, in: .root).last?.policy
            #expect(policy?.content.settings[NetworkAgentKey.syncInterval]?.value == .duration(.hours(24)))
            let now: SyncIntervalSetting = try await api.client.get(path).value()
            #expect(now.revision == before.revision + 2)
            let stale = try await api.client.send(
                .PUT, path, json: #"{"syncIntervalSeconds":300}"#, headers: [("If-Match", "\"\(before.revision)\"")])
            #expect(stale.status == 412)
            #expect(stale.problem?.knownCode == .revisionMismatch)
            let fresh = try await api.client.send(
                .PUT, path, json: #"{"syncIntervalSeconds":300}"#, headers: [("If-Match", "\"\(now.revision)\"")])
            #expect(fresh.headers.first(name: "ETag") == "\"\(now.revision + 1)\"")
            let wrong = try await api.client.send(
                .PUT, path, json: #"{"syncIntervalSeconds":300}"#, headers: [("If-Match", "W/\"1\"")])
            #expect(wrong.problem?.knownCode == .headerInvalid)
        }
    }
}
