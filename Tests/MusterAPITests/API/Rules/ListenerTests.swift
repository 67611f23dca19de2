import Foundation
import MusterAPI
import MusterModel
import MusterServer
import MusterTestKit
import MusterTrust
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// What a connection may cost before anyone is known: time, headers, number; and the certificate it is served with.
struct ListenerTests {
    /// Connects, writes `bytes`, and waits until the server closes, which it may do before all of that.
    private static func untilClosed(_ port: Int, sending bytes: String) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        do {
            try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: bytes))
                for try await _ in inbound {}
            }
        } catch is IOError {
        } catch ChannelError.ioOnClosedChannel {
        } catch ChannelError.alreadyClosed {
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["", "GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}"])
    func aConnectionThatSaysNothingUsefulIsClosed(_ bytes: String) async throws {
        try await APIFixture.with(configure: { $0.idleTimeout = .milliseconds(200) }) { api in
            try await Self.untilClosed(api.port, sending: bytes)
        }
    }

    @Test(.timeLimit(.minutes(5))) func pastTheLimitConnectionsWait() async throws {
        try await APIFixture.with(configure: { $0.maximumConnections = 2 }) { api in
            let waiting = try await api.client.exchange(.GET, APIPath.eventsFollow) { _, _ in
                // One seat is left: it takes a request after another, not two at a time.
                let single = try await api.client.get(APIPath.devices)
                #expect(single.status == 200)
                return try await api.client.exchange(.GET, APIPath.eventsFollow) { _, _ in
                    Task { [client = api.client] in try await client.get(APIPath.devices).status }
                }
            }
            #expect(try await waiting.value == 200)
        }
    }

    @Test func headersHaveALimit() async throws {
        try await APIFixture.with { api in
            let fits = String(repeating: "x", count: 15 * 1024)
            let taken = try await api.client.send(.GET, APIPath.devices, headers: [("X-Fill", fits)])
            #expect(taken.status == 200)
            let refused = try? await api.client.send(.GET, APIPath.devices, headers: [("X-Fill", fits + fits)])
            #expect(refused?.status ?? 400 == 400)
        }
    }

    @Test func aRenewedCertificateServesTheNextConnection() async throws {
        try await APIFixture.with { api in
            let key = PrivateKey.generate()
            let der = try ServerCertificate.make(key: key, names: [], now: .now(), lifetime: .days(30))
            var muster = try MusterCommand(api)
            #expect(try await muster("server", "status").status == 0)
            try api.server.replaceCertificate(.init(chain: [der], privateKeyPEM: key.pem))
            #expect(try await muster("server", "status").status == 1)
            muster.environment["MUSTER_PIN"] = key.pin.description
            #expect(try await muster("server", "status").status == 0)
            let damaged = APICertificate(chain: [[1, 2, 3]], privateKeyPEM: key.pem)
            do {
                try api.server.replaceCertificate(damaged)
                Issue.record("A damaged certificate was taken.")
            } catch {}
        }
    }

    @Test func aTakenPortIsAnErrorNotAHang() async throws {
        try await APIFixture.with { api in
            do {
                try await api.serveToo(port: api.port) { _ in _ = Issue.record("Two servers on one port.") }
                Issue.record("It ended without an error.")
            } catch {}
        }
    }
}
