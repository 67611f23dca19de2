import Foundation
import MusterAPI
import MusterModel
import MusterServer
import MusterStore
import MusterTestKit
import MusterTrust
import NIOHTTP1
import Testing

/// What the routes give and change.
struct ResourceTests {
    @Test func devices() async throws {
        try await APIFixture.with { api in
            var ids: [DeviceID] = []
            for name in ["alpha", "beta", "gamma"] { ids.append(try await api.device(name)) }
            let first: Page<DeviceEntry> = try await api.client.get("/api/v1/devices?limit=2").value()
            #expect(first.items.map(\.name) == ["alpha", "beta"])
            let second: Page<DeviceEntry> = try await api.client.get("/api/v1/devices?limit=2&cursor=\(try #require(first.next))")
                .value()
            #expect(second.items.map(\.name) == ["gamma"])
            #expect(second.next == nil)

            api.backend.with { $0.liveness[ids[0]] = DeviceLiveness(address: "192.0.2.7", connected: true, agentVersion: "1.0") }
            let answer = try await api.client.get("/api/v1/devices/\(ids[0])")
            let device: DeviceEntry = try answer.value()
            #expect(device.connected && device.address == "192.0.2.7" && device.agentVersion == "1.0")
            #expect(answer.headers.first(name: "ETag") == "\"\(device.revision)\"")
            #expect(device.certificate?.notAfter == APIFixture.now + .days(90))
        }
    }

    @Test func renameAndDelete() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            let path = "/api/v1/devices/\(id)"
            let before: DeviceEntry = try await api.client.get(path).value()
            let renamed: DeviceEntry = try await api.client.send(
                .PATCH, path, json: #"{"name":"Büro 1"}"#, headers: [("If-Match", "\"\(before.revision)\"")]
            ).value()
            #expect(renamed.name == "Büro 1")
            #expect(renamed.revision == before.revision + 1)
            let stale = try await api.client.send(
                .PATCH, path, json: #"{"name":"x"}"#, headers: [("If-Match", "\"\(before.revision)\"")])
            #expect(stale.status == 412)
            let twoLines = try await api.client.send(.PATCH, path, json: #"{"name":"a\nb"}"#)
            #expect(twoLines.status == 400)

            #expect(try await api.client.send(.DELETE, path).status == 204)
            #expect(api.backend.with { $0.deleted } == [id])
            #expect(try await api.client.get(path).status == 404)
            #expect(try await api.client.send(.DELETE, path).status == 404)
        }
    }

    @Test func installedApplications() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            try await api.installed(
                id,
                [
                    .init(source: "dpkg", name: "bash", version: "5.2.15-2+b7", architecture: "amd64", size: 7_000_000),
                    .init(source: "dpkg", name: "openssl", version: "3.0.16-1", architecture: "amd64"),
                    .init(source: "dpkg", name: "zlib1g", version: "1:1.2.13", architecture: "amd64"),
                ])
            let page: Page<InstalledEntry> = try await api.client.get("/api/v1/devices/\(id)/installed?limit=2").value()
            #expect(page.items.count == 2)
            let rest: Page<InstalledEntry> = try await api.client.get(
                "/api/v1/devices/\(id)/installed?limit=2&cursor=\(try #require(page.next))"
            ).value()
            let device: DeviceEntry = try await api.client.get("/api/v1/devices/\(id)").value()
            #expect(device.installedCount == 3)
            #expect(Set((page.items + rest.items).map(\.name)) == ["bash", "openssl", "zlib1g"])
            #expect(page.items.allSatisfy { $0.device == id && $0.deviceName == "alpha" })

            let found: Page<InstalledEntry> = try await api.client.get(
                "/api/v1/installed/search?name=openssl&op=lt&version=3.0.17"
            ).value()
            #expect(found.items.map(\.version) == ["3.0.16-1"])
            #expect(found.items.first?.size == nil)
            for query in ["", "op=lt&name=a", "version=1&name=a", "name=a&op=xx&version=1", "name=a&op=lt&version="] {
                #expect(try await api.client.get("/api/v1/installed/search?" + query).status == 400, "\(query)")
            }
        }
    }

    @Test func events() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            let other = try await api.device("beta")
            try await api.events(id, from: 1, ["one", "two", "three"])
            try await api.events(other, from: 1, ["four"], severity: .critical)
            func texts(_ query: String) async throws -> [String] {
                let page: Page<EventEntry> = try await api.client.get("/api/v1/events?" + query).value()
                #expect(page.items.map(\.position) == page.items.map(\.position).sorted())
                return page.items.map(\.text)
            }
            #expect(try await texts("").suffix(4) == ["one", "two", "three", "four"], "behind two that tell of the enrolments")
            #expect(try await texts("from=newest&limit=2") == ["three", "four"])
            #expect(try await texts("severity=error") == ["four"])
            #expect(try await texts("device=\(id)&from=newest&limit=1") == ["three"])
            #expect(try await texts("since=2027-01-15T08:00:00.001Z") == [])
            let page: Page<EventEntry> = try await api.client.get("/api/v1/events?limit=5").value()
            #expect(try await texts("cursor=\(try #require(page.next))") == ["four"])
            let again: Page<EventEntry> = try await api.client.get("/api/v1/events?limit=5").value()
            #expect(again.items == page.items)
            #expect(Set(page.items.map(\.id)).count == 5)
            #expect(page.items.last?.device == id && page.items.last?.deviceName == "alpha")
            #expect(try await texts("from=newest&before=\(page.items[4].position)&limit=1") == ["two"])
            for query in ["severity=bad", "device=x", "since=yesterday", "from=oldest", "before=3", "from=newest&cursor=1"] {
                #expect(try await api.client.get("/api/v1/events?" + query).status == 400, "\(query)")
            }
        }
    }

    @Test func enrolmentTokens() async throws {
        try await APIFixture.with { api in
            let answer = try await api.client.send(
                .POST, APIPath.enrolmentTokens, json: #"{"name":"office","expiresInSeconds":3600,"maximumUses":5}"#)
            #expect(answer.status == 201)
            let created: CreatedEnrolmentToken = try answer.value()
            #expect(created.pins == api.backend.pins)
            #expect(created.expires == APIFixture.now + .hours(1))
            #expect(try EnrolmentTokenText(created.token).id == created.id)
            let list = try await api.client.get(APIPath.enrolmentTokens)
            let page: Page<EnrolmentTokenEntry> = try list.value()
            #expect(page.items.map(\.name) == ["office"])
            let secret = try #require(created.token.split(separator: ".").last)
            #expect(!String(decoding: list.body, as: UTF8.self).contains(secret))
            let path = APIPath.filled(APIPath.enrolmentToken, created.id)
            #expect(try await api.client.send(.DELETE, path).status == 204)
            let after: Page<EnrolmentTokenEntry> = try await api.client.get(APIPath.enrolmentTokens).value()
            #expect(after.items.first?.revoked == APIFixture.now)
            #expect(api.backend.with { $0.tokenChanges } == 2)
            for uses in [0, 1_000_001] {
                let answer = try await api.client.send(.POST, APIPath.enrolmentTokens, json: #"{"maximumUses":\#(uses)}"#)
                #expect(answer.problem?.errors?.first?.field == "maximumUses")
            }
        }
    }

    @Test func apiTokens() async throws {
        try await APIFixture.with { api in
            let created: CreatedAPIToken = try await api.client.send(
                .POST, APIPath.apiTokens, json: #"{"name":"ci","role":"viewer","expiresInSeconds":60}"#
            ).value()
            let client = api.client(created.token)
            #expect(try await client.get(APIPath.devices).status == 200)
            api.clock.now = APIFixture.now + .seconds(60)
            #expect(try await client.get(APIPath.devices).problem?.knownCode == .tokenExpired)
            api.clock.now = APIFixture.now
            #expect(try await api.client.send(.DELETE, APIPath.filled(APIPath.apiToken, created.id)).status == 204)
            #expect(try await client.get(APIPath.devices).problem?.knownCode == .tokenRevoked)
        }
    }

    @Test func aTokenSaysWhichOneMadeIt() async throws {
        try await APIFixture.with { api in
            let made: CreatedAPIToken = try await api.client.send(
                .POST, APIPath.apiTokens, json: #"{"name":"ci","role":"administrator"}"#
            ).value()
            _ = try await api.client(made.token).send(.POST, APIPath.apiTokens, json: #"{"name":"more","role":"viewer"}"#)
            let tokens = try await api.client.get(APIPath.apiTokens).value(Page<APITokenEntry>.self).items
            let more = try #require(tokens.first { $0.name == "more" })
            #expect(more.createdBy == "api-token \(made.id)" && more.createdByName == "ci")
            let first = try #require(tokens.first { $0.name == "administrator" })
            #expect(first.createdBy == "system test" && first.createdByName == nil)
            let list = try await MusterCommand(api)("api-tokens", "list").succeeded().output
            #expect(list.contains("ci (\(made.id))") && list.contains("administrator (\(first.id))"), "\(list)")
        }
    }

    @Test func everyChangeIsInTheAuditTrail() async throws {
        try await APIFixture.with { api in
            let device = try await api.device("alpha")
            let before = try await api.store.fetchAudit(limit: 1000).count
            let client = api.client
            _ = try await client.send(.PATCH, "/api/v1/devices/\(device)", json: #"{"name":"beta"}"#)
            _ = try await client.send(.DELETE, "/api/v1/devices/\(device)")
            _ = try await client.send(.PUT, APIPath.syncInterval, json: #"{"syncIntervalSeconds":300}"#)
            let enrolment: CreatedEnrolmentToken = try await client.send(.POST, APIPath.enrolmentTokens, json: "{}").value()
            _ = try await client.send(.DELETE, APIPath.filled(APIPath.enrolmentToken, enrolment.id))
            let token: CreatedAPIToken = try await client.send(
                .POST, APIPath.apiTokens, json: #"{"name":"ci","role":"viewer"}"#
            ).value()
            _ = try await client.send(.DELETE, APIPath.filled(APIPath.apiToken, token.id))
            let rows = try await api.store.fetchAudit(limit: 1000).dropFirst(before)
            #expect(
                rows.map(\.action) == [
                    "rename-device", "delete-device", "create-policy", "create-enrolment-token", "revoke-enrolment-token",
                    "create-api-token", "revoke-api-token",
                ])
            let administrator = AuditPrincipal(kind: "api-token", id: try APITokenText(api.administrator).id.description)
            #expect(rows.allSatisfy { $0.principal == administrator })
        }
    }

    @Test func statusAndMetrics() async throws {
        try await APIFixture.with { api in
            _ = try await api.device("alpha")
            api.backend.with { $0.facts.closes = [.done: 7, .tokenExpired: 2] }
            let status: ServerStatus = try await api.client.get(APIPath.serverStatus).value()
            #expect(status.devices == 1)
            #expect(status.closes == ["done": 7, "tokenExpired": 2])
            #expect(status.database.kind == "sqlite")
            let metrics = String(decoding: try await api.client.get(APIPath.metrics).body, as: UTF8.self)
            #expect(metrics.contains("muster_closes_total{reason=\"tokenExpired\"} 2\n"))
            #expect(metrics.contains("muster_devices 1\n"))
            for line in metrics.split(separator: "\n") where !line.hasPrefix("#") {
                #expect(line.wholeMatch(of: /muster_[a-z_]+(\{(reason|state|outcome)="[A-Za-z-]+"\})? \d+/) != nil, "\(line)")
            }
        }
    }
}
