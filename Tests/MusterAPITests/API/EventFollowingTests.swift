import Foundation
import MusterAPI
import MusterModel
import MusterServer
import MusterStore
import MusterTrust
import NIOCore
import NIOHTTP1
import Testing

@testable import muster

/// Events live: resumed by position, shown to be alive, bounded, ended when who reads may not any more.
struct EventFollowingTests {
    typealias Parts = NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator

    /// Reads until `count` events came; returns them.
    private static func read(_ count: Int, _ parts: inout Parts) async throws -> [EventEntry] {
        var parser = EventStreamParser()
        var events: [EventEntry] = []
        while events.count < count, let part = try await parts.next(isolation: #isolation) {
            guard case .body(let buffer) = part else { break }
            for event in try parser.received(buffer.readableBytesView) {
                let entry = try APICoding.decode(EventEntry.self, from: Data(event.data.utf8))
                #expect(event.id == String(entry.position))
                events.append(entry)
            }
        }
        return events
    }

    /// Reads everything until the stream ends.
    private static func readAll(_ parts: inout Parts) async throws -> String {
        var text = ""
        while let part = try await parts.next(isolation: #isolation) {
            if case .body(let buffer) = part { text += String(buffer: buffer) }
        }
        return text
    }

    @Test(.timeLimit(.minutes(5))) func newEventsComeAtOnce() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            try await api.events(id, from: 1, ["before"])
            let texts = try await api.client.exchange(.GET, APIPath.eventsFollow) { head, parts in
                #expect(head.headers.first(name: "Content-Type") == "text/event-stream")
                try await api.events(id, from: 2, ["one", "two"])
                try await api.events(id, from: 4, ["three"])
                return try await Self.read(3, &parts).map(\.text)
            }
            #expect(texts == ["one", "two", "three"])
        }
    }

    @Test(.timeLimit(.minutes(5))) func resumesAfterThePositionSeen() async throws {
        try await APIFixture.with { api in
            let id = try await api.device("alpha")
            let start = try await api.store.fetchLastEventPosition()
            let many = (0..<450).map { "event \($0)" }
            try await api.events(id, from: 1, many)
            let all = try await api.client.exchange(.GET, APIPath.eventsFollow, headers: [("Last-Event-ID", "\(start)")]) {
                _, parts in
                try await Self.read(450, &parts)
            }
            #expect(all.map(\.text) == many)
            let position = all[399].position
            let rest = try await api.client.exchange(.GET, "\(APIPath.eventsFollow)?after=\(position)") { _, parts in
                try await Self.read(50, &parts)
            }
            #expect(rest == Array(all[400...]))
            let wrong = try await api.client.send(.GET, APIPath.eventsFollow, headers: [("Last-Event-ID", "x")])
            #expect(wrong.status == 400)
        }
    }

    @Test(.timeLimit(.minutes(5))) func heartbeatsCarryThePosition() async throws {
        try await APIFixture.with(configure: { $0.heartbeat = .milliseconds(50) }) { api in
            let id = try await api.device("alpha")
            let text = try await api.client.exchange(.GET, "\(APIPath.eventsFollow)?severity=critical") { _, parts in
                let position = try await api.events(id, from: 1, ["harmless"])
                var text = ""
                while !text.contains("id: \(position)\n: heartbeat"),
                    case .body(let buffer) = try await parts.next(isolation: #isolation)
                {
                    text += String(buffer: buffer)
                }
                return text
            }
            #expect(!text.contains("harmless"))
        }
    }

    @Test(.timeLimit(.minutes(5))) func seatsAreBoundedAndGivenBack() async throws {
        try await APIFixture.with(configure: {
            $0.maximumFollowers = 1
            $0.heartbeat = .milliseconds(50)
        }) { api in
            try await api.client.exchange(.GET, APIPath.eventsFollow) { head, _ in
                #expect(head.status == .ok)
                let second = try await api.client.get(APIPath.eventsFollow)
                #expect(second.status == 503)
                #expect(second.problem?.knownCode == .tooManyFollowers)
            }
            var status = 503
            while status == 503 {
                try await Task.sleep(for: .milliseconds(20))
                status = try await api.client.exchange(.GET, APIPath.eventsFollow) { head, _ in Int(head.status.code) }
            }
            #expect(status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5))) func endsWhenTheTokenIsRevoked() async throws {
        try await APIFixture.with(configure: { $0.heartbeat = .milliseconds(50) }) { api in
            let token = try await api.token(.viewer)
            try await api.client(token).exchange(.GET, APIPath.eventsFollow) { _, parts in
                _ = try await api.store.revokeAPIToken(
                    try APITokenText(token).id, principal: APIFixture.principal, now: APIFixture.now)
                // The stream ends without a proper end: it was cut.
                _ = try? await Self.readAll(&parts)
            }
        }
    }

    private static func waitForFollowers(_ count: Int, _ api: APIFixture) async throws {
        while try await !String(decoding: api.client.get(APIPath.metrics).body, as: UTF8.self).contains(
            "muster_event_followers \(count)\n")
        {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test(.timeLimit(.minutes(5))) func endsProperlyWhenTheServerStops() async throws {
        let port = try await APIFixture.with { api in api.port }
        #expect(port > 0)
        let reader = try await APIFixture.with { api in
            let client = api.client
            let reader = Task {
                try await client.exchange(.GET, APIPath.eventsFollow) { _, parts in try await Self.readAll(&parts) }
            }
            try await Self.waitForFollowers(1, api)
            return reader
        }
        #expect(try await reader.value.contains("muster events"))
    }

    @Test(.timeLimit(.minutes(5))) func aReaderThatTakesNothingIsClosed() async throws {
        try await APIFixture.with(configure: {
            $0.heartbeat = .milliseconds(100)
            $0.followerTimeout = .milliseconds(300)
        }) { api in
            let id = try await api.device("alpha")
            // 16 MiB: more than the sockets' buffers take.
            let text = String(repeating: "x", count: 8000)
            try await api.events(id, from: 1, Array(repeating: text, count: 2000))
            let count = try await api.client.exchange(.GET, APIPath.eventsFollow, headers: [("Last-Event-ID", "0")]) { _, parts in
                // Takes nothing until the server has given it up.
                try await Self.waitForFollowers(1, api)
                try await Self.waitForFollowers(0, api)
                var bytes = 0
                while let part = try? await parts.next(isolation: #isolation) {
                    if case .body(let buffer) = part { bytes += buffer.readableBytes }
                }
                return bytes
            }
            #expect(count < 2000 * 8000)
        }
    }
}
