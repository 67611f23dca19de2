import MusterModel
import NIOCore
import Synchronization

/// How far a connection came, and when: nothing depends on it; `check` tells people.
final class ConnectionTrace: Sendable {
    struct Marks: Hashable, Sendable {
        /// The other end of TCP: the server's, or the proxy's.
        var address: String?
        var connected: ContinuousClock.Instant?
        /// A proxy opened the way to the server.
        var tunnelled: ContinuousClock.Instant?
        var secured: ContinuousClock.Instant?
    }

    let began = ContinuousClock.now
    private let state = Mutex(Marks())

    var marks: Marks { state.withLock { $0 } }

    func connected(to address: SocketAddress?) {
        state.withLock { marks in
            marks.address = address?.ipAddress
            marks.connected = .now
        }
    }

    func tunnelled() { state.withLock { $0.tunnelled = .now } }
    func secured() { state.withLock { $0.secured = .now } }
}

/// Tells the trace when TCP is up.
final class TraceHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let trace: ConnectionTrace

    init(_ trace: ConnectionTrace) { self.trace = trace }

    func channelActive(context: ChannelHandlerContext) {
        trace.connected(to: context.remoteAddress)
        context.fireChannelActive()
    }
}
