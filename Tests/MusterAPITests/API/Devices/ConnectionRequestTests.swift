import MusterAPI
import MusterModel
import MusterServer
import MusterStore
import MusterTestKit
import NIOHTTP1
import Testing

/// `POST /devices/{id}/connection-request` and `muster devices request-connection`.
struct ConnectionRequestTests {
    @Test(
        arguments: [
            (ConnectionRequestOutcome.connected(after: .milliseconds(38)), "connected", 0.038, nil, 0, "connected after 38 ms"),
            (.noAnswer, "no-answer", nil, nil, 1, "no connection within 5 s"),
            (.alreadyConnected, "already-connected", nil, nil, 0, "a session of the device is open"),
            (.notListening, "not-listening", nil, nil, 1, "does not listen"),
            (.portUnknown, "port-unknown", nil, nil, 1, "has not reported a UDP port"),
            (.addressUnknown, "address-unknown", nil, nil, 1, "never connected"),
            (.tooMany, "too-many", nil, nil, 1, "try again later"),
            (.notSent("no\u{1b} route"), "not-sent", nil, "no\u{1b} route", 1, "no\\u{1b} route"),
        ] as [(ConnectionRequestOutcome, String, Double?, String?, Int32, String)])
    func outcomes(
        outcome: ConnectionRequestOutcome, code: String, after: Double?, detail: String?, status: Int32, text: String
    ) async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            api.backend.with { $0.requestOutcome = outcome }
            let path = APIPath.filled(APIPath.deviceConnectionRequest, id)
            let answer: ConnectionRequestEntry = try await api.client.send(.POST, path).value()
            #expect(answer == ConnectionRequestEntry(outcome: code, afterSeconds: after, detail: detail))
            let audit = try await api.store.fetchAudit(limit: 100).filter { $0.action == "request-connection" }
            #expect(audit.map(\.object) == [id.description])
            let shown = try await MusterCommand(api)("devices", "request-connection", "alpha")
            #expect(shown.status == status && shown.output.contains(text), "\(shown.output) \(shown.error)")
        }
    }

    @Test func whatIsKnownOfADeviceIsShown() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            let muster = try MusterCommand(api)
            #expect(try await muster("devices", "show", "alpha").output.contains("UDP port"))
            api.backend.with {
                $0.liveness[id] = DeviceLiveness(
                    address: "203.0.113.9", requestGotThrough: APIFixture.now)
            }
            let entry: DeviceEntry = try await api.client.get(APIPath.filled(APIPath.device, id)).value()
            #expect(entry.requestGotThrough == APIFixture.now && entry.behindNAT == nil && entry.udpPort == nil)
            let shown = try await muster("devices", "show", "alpha").output
            #expect(shown.contains("Connection request last got through"))
        }
    }
}
