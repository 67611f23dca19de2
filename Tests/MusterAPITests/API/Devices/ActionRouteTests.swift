import Foundation
import MusterAPI
import MusterModel
import NIOHTTP1
import Testing

@testable import MusterServer

/// `actions`, and the settings that say how devices are reached.
struct ActionRouteTests {
    @Test func orderedLookedAtAndCancelled() async throws {
        try await APIFixture.with { api in
            let (a, b) = (try await api.device("alpha"), try await api.device("beta"))
            let body = #"{"kind":"synchronize","devices":["\#(a)","\#(b)"],"expiresAfterSeconds":60}"#
            let answer = try await api.client.send(.POST, "/api/v1/actions", json: body)
            #expect(answer.status == 201)
            let order: ActionOrderEntry = try answer.value()
            #expect(order.total == 2 && order.counts == ["pending": 2] && order.kind == "synchronize")
            let path = "/api/v1/actions/\(order.id)"
            let devices: Page<ActionEntry> = try await api.client.get(path + "/devices?limit=1").value()
            #expect(devices.items.count == 1 && devices.items[0].progress == "pending" && devices.items[0].route == nil)
            let rest: Page<ActionEntry> = try await api.client.get(
                path + "/devices?limit=1&cursor=\(try #require(devices.next))"
            ).value()
            #expect(Set([devices.items[0].deviceName, rest.items[0].deviceName]) == ["alpha", "beta"] && rest.next == nil)
            let cancelled: ActionOrderEntry = try await api.client.send(.DELETE, path, json: nil).value()
            #expect(cancelled.counts == ["cancelled": 2])
            let all: ActionOrderEntry = try await api.client.send(
                .POST, "/api/v1/actions", json: #"{"kind":"synchronize","all":true}"#
            ).value()
            #expect(all.total == 2)
        }
    }

    @Test(arguments: [
        (#"{"kind":"dance","all":true}"#, "kind"), (#"{"kind":"synchronize"}"#, "devices"),
        (#"{"kind":"synchronize","devices":[]}"#, "devices"),
        (#"{"kind":"synchronize","all":true,"devices":["00000000-0000-4000-8000-000000000000"]}"#, "devices"),
        (#"{"kind":"synchronize","devices":["00000000-0000-4000-8000-000000000000"]}"#, "devices"),
        (#"{"kind":"synchronize","all":true,"expiresAfterSeconds":0}"#, "expiresAfterSeconds"),
    ])
    func whatIsWrongIsNamed(_ body: String, _ field: String) async throws {
        try await APIFixture.with { api in
            let answer = try await api.client.send(.POST, "/api/v1/actions", json: body)
            #expect(answer.status == 400 && answer.problem?.errors?.map(\.field) == [field], "\(body)")
        }
    }

    @Test func theBoxAndItsLimit() async throws {
        try await APIFixture.with { api in
            let (a, b) = (try await api.device("alpha"), try await api.device("beta"))
            let limit = "/api/v1/settings/permanent-connections.limit"
            let before: PermanentConnectionLimitSetting = try await api.client.get(limit).value()
            #expect(before.limit == 300 && before.revision == 0)
            #expect(try await api.client.send(.PUT, limit, json: #"{"limit":1}"#).status == 200)
            #expect(try await api.client.send(.PUT, limit, json: #"{"limit":-1}"#).status == 400)
            let ticked: DeviceEntry = try await api.client.send(
                .PATCH, "/api/v1/devices/\(a)", json: #"{"permanentConnection":true}"#
            ).value()
            #expect(ticked.permanentConnection.state == .waiting && api.backend.with { $0.ticked } == [a: true])
            // Nothing else of the request is done.
            let refused = try await api.client.send(
                .PATCH, "/api/v1/devices/\(b)", json: #"{"permanentConnection":true,"name":"other"}"#)
            #expect(refused.status == 409 && refused.problem?.code == "permanentConnectionLimitReached")
            #expect(refused.problem?.detail.contains("the limit is 1") == true)
            let unchanged: DeviceEntry = try await api.client.get("/api/v1/devices/\(b)").value()
            #expect(unchanged.name == "beta" && unchanged.revision == 1 && unchanged.permanentConnection.state == .off)
            #expect(api.backend.with { $0.eventPositions.count } == 2)
            let status: ServerStatus = try await api.client.get("/api/v1/server/status").value()
            #expect(status.permanentConnections == PermanentConnectionUse(ticked: 1, connected: 0, limit: 1))
        }
    }

    @Test func connectionSettings() async throws {
        try await APIFixture.with { api in
            let path = "/api/v1/settings/connection"
            let none: ConnectionSettingsEntry = try await api.client.get(path).value()
            #expect(none == ConnectionSettingsEntry(servers: [], proxy: nil, revision: 0))
            let body = #"{"servers":["a.example","[2001:db8::1]:14000"],"proxy":"http://anna:secret@proxy:8080"}"#
            let set = try await api.client.send(.PUT, path, json: body)
            #expect(set.status == 200 && !String(decoding: set.body, as: UTF8.self).contains("secret"))
            let entry: ConnectionSettingsEntry = try await api.client.get(path).value()
            #expect(entry.servers == ["a.example:13000", "[2001:db8::1]:14000"] && entry.proxy == "http://anna@proxy:8080")
            let policy = api.backend.administration.policies(of: .networkAgent, in: .root).last?.policy
            #expect(
                policy?.content.settings[NetworkAgentKey.proxyPassword]?.value == api.backend.seal("secret").map { .secret($0) })
            for wrong in [#"{"servers":["a b"]}"#, #"{"servers":["a"],"proxy":"socks"}"#, #"{"servers":[],"proxy":"http://p"}"#] {
                #expect(try await api.client.send(.PUT, path, json: wrong).status == 400, "\(wrong)")
            }
            let back: ConnectionSettingsEntry = try await api.client.send(.PUT, path, json: #"{"servers":[]}"#).value()
            #expect(back.servers.isEmpty && back.revision == 2)
        }
    }

    @Test func tooManyAreWatched() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            api.backend.with { $0.mayWatch = false }
            let refused = try await api.client.get("/api/v1/devices/\(id)/watch")
            #expect(refused.status == 503 && refused.problem?.code == "tooManyWatched")
        }
    }
}
