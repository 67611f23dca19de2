import Logging
import MusterModel
import NIOCore
import NIOPosix
import ServiceLifecycle

/// UDP 13000: where shutdown notices arrive, and where connection requests leave from. Nothing is ever answered.
struct NoticeListener: Service {
    /// Holds about 8,000 datagrams: a building losing power.
    private static let receiveBuffer = 4 * 1024 * 1024

    let intake: NoticeIntake
    let counters: CloseCounters
    let socket: UDPSocket
    let host: String
    let port: Int
    let group: any EventLoopGroup
    let bound: BoundPort
    /// Called once it is open.
    let opened: @Sendable () -> Void
    let logger: Logger

    func run() async throws {
        let channel: any Channel
        do {
            channel = try await DatagramBootstrap(group: group)
                .channelOption(.socketOption(.so_rcvbuf), value: .init(Self.receiveBuffer))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(NoticeHandler(intake))
                    }
                }
                .bind(host: host, port: port).get()
        } catch {
            let error = ServerError.cannotListen("shutdown notices on UDP", host: host, port: port, option: "--udp-port", error)
            bound.failed(error)
            throw error
        }
        socket.opened(channel)
        opened()
        bound.listening(on: channel.localAddress?.port ?? port)
        // Linux answers with twice what it gave, its own bookkeeping included.
        let doubled = try? await channel.getOption(.socketOption(.so_rcvbuf)).get()
        counters.udpReceiveBufferObtained(doubled.map { Int($0) / 2 })
        await cancelWhenGracefulShutdown { await intake.run() }
        socket.closed()
        try await channel.close()
    }
}

private final class NoticeHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let intake: NoticeIntake

    init(_ intake: NoticeIntake) { self.intake = intake }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        intake.received(Array(unwrapInboundIn(data).data.readableBytesView))
    }

    /// A device that refused a connection request (ICMP) is no error of this socket.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
