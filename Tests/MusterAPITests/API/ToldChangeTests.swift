import MusterAPI
import MusterModel
import MusterServer
import MusterStore
import NIOHTTP1
import Testing

/// What an administrator does to a device is an event, and followers hear of it.
struct ToldChangeTests {
    private func types(_ api: APIFixture, _ device: DeviceID) async throws -> [String] {
        let page: Page<EventEntry> = try await api.client.get("/api/v1/events?device=\(device)").value()
        #expect(
            page.items.suffix(api.backend.with { $0.eventPositions }.count).map(\.position)
                == api.backend.with { $0.eventPositions })
        return page.items.map(\.type)
    }

    @Test func revokedAndDeleted() async throws {
        try await APIFixture.with { api in
            let device = try await api.device("alpha")
            #expect(try await api.client.send(.POST, "/api/v1/devices/\(device)/revoke").status == 204)
            #expect(try await types(api, device) == ["device-enrolled", "device-revoked"])
            #expect(try await api.client.send(.POST, "/api/v1/devices/\(device)/revoke").status == 204)
            #expect(try await types(api, device) == ["device-enrolled", "device-revoked"], "once more changes nothing")
            #expect(try await api.client.send(.DELETE, "/api/v1/devices/\(device)").status == 204)
            #expect(try await types(api, device) == ["device-enrolled", "device-revoked", "device-deleted"])
            #expect(try await api.client.send(.DELETE, "/api/v1/devices/\(device)").status == 404)
        }
    }

    @Test func splitAndSame() async throws {
        try await APIFixture.with { api in
            let device = try await api.device("alpha")
            for path in ["split", "same"] {
                let none = try await api.client.send(.POST, "/api/v1/devices/\(device)/\(path)")
                #expect(none.status == 409 && none.problem?.code == "noCopies")
                let nobody = try await api.client.send(.POST, "/api/v1/devices/\(DeviceID.random())/\(path)")
                #expect(nobody.status == 404)
            }
            let told = ServerEvent(
                device: device, type: EventType.cloneSuspected, severity: .error, text: "two", parameters: [:])
            _ = try await api.store.setCopied(device, telling: told, now: APIFixture.now)
            for path in ["split", "same"] {
                #expect(try await api.client.send(.POST, "/api/v1/devices/\(device)/\(path)").status == 204)
            }
            #expect(try await types(api, device).suffix(2) == ["device-split", "device-same"])
            #expect(api.backend.with { $0.split } == [device])
        }
    }
}
