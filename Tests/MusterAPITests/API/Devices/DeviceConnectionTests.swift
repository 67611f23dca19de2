import MusterAPI
import MusterModel
import MusterServer
import MusterStore
import NIOHTTP1
import Testing

/// Connection states and the history of connections, as the API gives them.
struct DeviceConnectionTests {
    private func record(_ number: Int64, _ device: DeviceID, reason: CloseReason? = .done, refused: Bool = false)
        -> ConnectionRecord
    {
        let opened = APIFixture.now - .hours(1)
        return ConnectionRecord(
            number: number, device: device, isRefusal: refused, count: number, opened: opened,
            closed: reason == nil ? nil : opened + .seconds(number), address: "192.0.2.7", hello: "interval", reason: reason,
            documents: 1, events: 2)
    }

    @Test func statesOfDevices() async throws {
        try await APIFixture.with { api in
            var ids: [DeviceID] = []
            for name in ["alpha", "beta", "gamma", "delta"] { ids.append(try await api.device(name)) }
            let states: [ConnectionStatus] = [
                .init(.overdue, since: APIFixture.now - .minutes(9)),
                .init(.refused, since: APIFixture.now - .minutes(8), reason: .certificateSuperseded),
                .init(.overdue, since: APIFixture.now - .minutes(7), permanentConnectionLostSince: APIFixture.now - .hours(1)),
            ]
            api.backend.with { state in
                for (id, status) in zip(ids, states) { state.liveness[id] = DeviceLiveness(status: status) }
            }
            let page: Page<DeviceEntry> = try await api.client.get(APIPath.devices).value()
            let codes = page.items.map { "\($0.name) \($0.connectionState.code) \($0.connectionState.reason ?? "-")" }
            #expect(
                codes == [
                    "alpha overdue -", "beta refused certificateSuperseded", "delta never-connected -", "gamma overdue -",
                ])
            #expect(page.items[2].connectionState.since == page.items[2].created)
            #expect(page.items[3].connectionState.permanentConnectionLostSince == APIFixture.now - .hours(1))

            let overdue: Page<DeviceEntry> = try await api.client.get("/api/v1/devices?state=overdue&limit=1").value()
            let rest: Page<DeviceEntry> = try await api.client.get(
                "/api/v1/devices?state=overdue&limit=1&cursor=\(try #require(overdue.next))"
            ).value()
            #expect((overdue.items + rest.items).map(\.name) == ["alpha", "gamma"] && rest.next == nil)
            let none: Page<DeviceEntry> = try await api.client.get("/api/v1/devices?state=suspended").value()
            #expect(none.items.isEmpty)
            let wrong = try await api.client.get("/api/v1/devices?state=offline")
            #expect(wrong.status == 400 && wrong.problem?.errors?.first?.field == "state")
        }
    }

    @Test func historyOfConnections() async throws {
        try await APIFixture.with { api in
            let (device, other) = (try await api.device("alpha"), try await api.device("beta"))
            let written = (1...5).map { record($0, device) } + [record(6, other)]
            try await api.store.flushLiveness([], connections: written, now: APIFixture.now)
            var newer = record(5, device)
            newer.count = 99
            let unwritten = [newer, record(8, device, reason: nil), record(7, device, reason: .deviceRevoked, refused: true)]
            api.backend.with { $0.unwritten = unwritten }
            let path = APIPath.filled(APIPath.deviceConnections, device)
            var entries: [ConnectionEntry] = []
            var cursor: String?
            repeat {
                let page: Page<ConnectionEntry> = try await api.client.get(
                    path + "?limit=3" + (cursor.map { "&cursor=\($0)" } ?? "")
                ).value()
                entries += page.items
                cursor = page.next
            } while cursor != nil
            #expect(entries.map(\.number) == [8, 7, 5, 4, 3, 2, 1])
            #expect(entries.map(\.kind.rawValue).prefix(3) == ["connection", "refusal", "connection"])
            #expect(entries[0].closed == nil && entries[0].reason == nil && entries[1].reason == "deviceRevoked")
            #expect(entries[2].count == 99 && entries[2].documents == 1 && entries[2].events == 2)
            let shown: DeviceEntry = try await api.client.get("/api/v1/devices/\(device)").value()
            #expect(shown.lastRefusal?.reason == "deviceRevoked" && shown.lastRefusal?.count == 7)
            let clean: DeviceEntry = try await api.client.get("/api/v1/devices/\(other)").value()
            #expect(clean.lastRefusal == nil)

            let unknown = APIPath.filled(APIPath.deviceConnections, DeviceID.random())
            #expect(try await api.client.get(unknown).status == 404)
            #expect(try await api.client.get(path + "?cursor=x").status == 400)
            #expect(try await api.client.send(.DELETE, "/api/v1/devices/\(device)").status == 204)
            #expect(try await api.client.get(path).status == 200, "what a deleted device does is still to be seen")
        }
    }

    @Test func statusAndMetricsByState() async throws {
        try await APIFixture.with { api in
            api.backend.with { $0.facts.states = [.overdue: 3, .onSchedule: 4] }
            var status: ServerStatus = try await api.client.get(APIPath.serverStatus).value()
            #expect(status.connectionStates == ["overdue": 3, "on-schedule": 4] && !status.udpReceived)
            api.backend.with { $0.facts.udpReceived = true }
            status = try await api.client.get(APIPath.serverStatus).value()
            #expect(status.udpReceived)
            let metrics = String(decoding: try await api.client.get(APIPath.metrics).body, as: UTF8.self)
            #expect(metrics.contains("muster_devices_by_state{state=\"overdue\"} 3\n"))
            #expect(metrics.contains("muster_devices_by_state{state=\"suspended\"} 0\n"))
        }
    }
}
