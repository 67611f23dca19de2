import Glibc
import MusterAgent
package import MusterModel
import MusterWire
import NIOCore
import NIOPosix
package import NIOSSL

/// Where the fleet connects to and how: TCP from the source addresses in turn, TLS as the agent's, bytes counted below it.
package struct DeviceConnector: Sendable {
    /// Linux: the port is chosen at connect, so that one source address serves as many ports for each server address. Not in Glibc's module.
    private static let bindAddressNoPort: SocketOptionName = 24

    let server: SocketAddress
    let pins: [Fingerprint]
    let curves: [NIOTLSCurve]?
    let sources: [SocketAddress]

    /// - Parameters:
    ///   - curves: nil for BoringSSL's own choice, X25519MLKEM768 first.
    ///   - sourceAddresses: how many of 127.0.0.2, 127.0.0.3 … to connect from; 0: the system's choice. One has some 28,000 ports.
    package init(server: ServerAddress, pins: [Fingerprint], curves: [NIOTLSCurve]?, sourceAddresses: Int) throws(SwarmError) {
        do {
            self.server = try SocketAddress.makeAddressResolvingHost(server.host, port: Int(server.port))
            sources = try (0..<sourceAddresses).map { index in
                try SocketAddress(ipAddress: "127.0.\(index / 250).\(2 + index % 250)", port: 0)
            }
        } catch {
            throw SwarmError(.unresolved, "\(server) is not resolved: \(error)")
        }
        if !sources.isEmpty, self.server.ipAddress?.hasPrefix("127.") != true {
            throw SwarmError(.badOption, "--source-addresses needs a server on 127.0.0.0/8, not \(server)")
        }
        self.pins = pins
        self.curves = curves
    }

    /// Begins a connection on its loop; how it goes is told to `connection`.
    func connect(_ connection: DeviceConnection, identity: Identity?, handlers: [any ChannelHandler]) {
        let eventLoop = connection.loop.eventLoop
        let bound = NIOLoopBound((connection: connection, handlers: handlers), eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.milliseconds(AgentPace.connectTimeout.milliseconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
            .channelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 32 * 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (connection, handlers) = bound.value
                    let tls = try AgentTLS.handler(
                        AgentTLS.context(identity, curves: curves), presented: connection.presented)
                    try channel.pipeline.syncOperations.addHandlers(
                        [ByteCountHandler(connection.loop), tls] + handlers)
                }
            }
        from(connection, bootstrap).connect(to: server).assumeIsolated().whenFailure { error in
            connection.notConnected(error)
        }
    }

    private func from(_ connection: DeviceConnection, _ bootstrap: ClientBootstrap) -> ClientBootstrap {
        guard !sources.isEmpty else { return bootstrap }
        return
            bootstrap
            .channelOption(.socket(SocketOptionLevel(IPPROTO_IP), Self.bindAddressNoPort), value: 1)
            .bind(to: sources[connection.device % sources.count])
    }
}
