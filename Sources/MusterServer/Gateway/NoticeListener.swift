import Logging
import MusterModel
import MusterWire
import NIOCore
import NIOPosix
import ServiceLifecycle

/// UDP 13000: where shutdown notices arrive. Datagrams are looked at for their form and counted; nothing is ever answered.
struct NoticeListener: Service {
    /// Holds about 8,000 datagrams: a building losing power.
    private static let receiveBuffer = 4 * 1024 * 1024

    let counters: CloseCounters
    let host: String
    let port: Int
    let group: any EventLoopGroup
    let bound: BoundPort
    let logger: Logger

    func run() async throws {
        let channel: any Channel
        do {
            channel = try await DatagramBootstrap(group: group)
                .channelOption(.socketOption(.so_rcvbuf), value: .init(Self.receiveBuffer))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(NoticeHandler(counters))
                    }
                }
                .bind(host: host, port: port).get()
        } catch {
            let error = ServerError.cannotListen("shutdown notices on UDP", host: host, port: port, option: "--udp-port", error)
            bound.failed(error)
            throw error
        }
        bound.listening(on: channel.localAddress?.port ?? port)
        // Linux answers with twice what it gave, its own bookkeeping included.
        let doubled = try? await channel.getOption(.socketOption(.so_rcvbuf)).get()
        counters.udpReceiveBufferObtained(doubled.map { Int($0) / 2 })
        try? await gracefulShutdown()
        try await channel.close()
    }
}

private final class NoticeHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let counters: CloseCounters

    init(_ counters: CloseCounters) { self.counters = counters }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).data.readableBytesView)
        counters.datagramReceived(isValid: (try? Datagram.parse(bytes)) != nil)
    }
}
