import MusterAPI
import MusterModel
import MusterServer
import MusterStore
import MusterTestKit
import Testing

/// `muster devices connections`, and connection states in `list`, `show` and `server status`, against the real API.
struct ConnectionCommandTests {
    @Test func statesInWords() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            let (away, refused) = (try await api.device("away"), try await api.device("stranger"))
            _ = try await api.device("new")
            let since = APIFixture.now - .minutes(5)
            api.backend.with { state in
                state.liveness[away] = DeviceLiveness(
                    status: .init(.shutDown, since: since, permanentConnectionLostSince: since))
                state.liveness[refused] = DeviceLiveness(
                    status: .init(.refused, since: since, reason: .certificateSuperseded))
                state.unwritten = [
                    ConnectionRecord(
                        number: 3, device: refused, isRefusal: true, count: 4, opened: since, closed: APIFixture.now,
                        address: "192.0.2.9", hello: "retry", reason: .certificateSuperseded, text: "certificate 2 was used")
                ]
                state.facts.states = [.shutDown: 1, .refused: 1, .neverConnected: 1]
            }
            let list = try await muster("devices", "list").succeeded().output
            for text in [
                "shut down", "refused: a newer certificate of the device was already used", "never connected",
                "2027-01-15 07:55:00Z",
            ] { #expect(list.contains(text), "\(text) in \(list)") }
            let only = try await muster("devices", "list", "--state", "shut-down", "--output", "json").objects()
            #expect(only.compactMap { $0["name"] as? String } == ["away"])
            #expect(try await muster("devices", "list", "--state", "suspended").error.contains("No device is suspended."))
            #expect(try await muster("devices", "list", "--state", "gone").error.contains("on-schedule"))
            let show = try await muster("devices", "show", "stranger").succeeded().output
            #expect(
                show.contains("2027-01-15 08:00:00Z from 192.0.2.9: a newer certificate of the device was already used (4 times"))
            #expect(try await muster("devices", "show", "away").output.contains("Permanent connection lost since"))
            var status = try await muster("server", "status").succeeded().output
            for text in ["Devices shut down", "Devices never connected", "nothing has ever come in", "recommended, not required"]
            {
                #expect(status.contains(text), "\(text) in \(status)")
            }
            api.backend.with { $0.facts.udpReceived = true }
            status = try await muster("server", "status").succeeded().output
            #expect(!status.contains("recommended"))
        }
    }

    @Test func connectionsInWords() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            let device = try await api.device("alpha")
            let none = try await muster("devices", "connections", "alpha")
            #expect(none.status == 0 && none.error.contains("has not connected yet"))
            let (now, day) = (APIFixture.now, Duration.hours(24))
            func record(
                _ number: Int64, _ hello: String, _ reason: CloseReason?, text: String = "", refused: Bool = false,
                count: Int64 = 1
            ) -> ConnectionRecord {
                ConnectionRecord(
                    number: number, device: device, isRefusal: refused, count: count, opened: now - day,
                    closed: reason == nil ? nil : now, address: "192.0.2.7", hello: hello, reason: reason, text: text)
            }
            let records =
                [
                    record(101, "interval", .done, count: 96), record(102, "event", .closedByPeer, text: "be\u{1b}[31m"),
                    record(103, "retry", .deviceRevoked, refused: true), record(104, "start", nil),
                ] + (1...60).map { record($0, "manual", .done) }
            try await api.store.flushLiveness([], connections: records, now: now)
            let table = try await muster("devices", "connections", "alpha").succeeded().output
            let lines = table.split(separator: "\n").map(String.init)
            #expect(lines.count == 51, "a heading and the newest 50")
            #expect(lines[1].contains("open") && lines[1].contains("the agent started"))
            #expect(lines[2].contains("refused: the device's certificate was revoked"))
            #expect(lines[3].contains("before it was complete: be\\u{1b}[31m") && !table.contains("\u{1b}"))
            #expect(lines[4].contains("96") && lines[4].contains("it was due") && lines[4].contains("complete"))
            let all = try await muster("devices", "connections", device.description, "--limit", "1000", "--output", "json")
            #expect(try all.objects().count == 64)
            #expect(try await muster("devices", "connections", "nobody").error.contains("'nobody'"))
        }
    }
}
