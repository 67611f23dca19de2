import FoundationEssentials
import MusterModel
import NIOCore

/// Asks a proxy for a tunnel to the server (HTTP CONNECT) as soon as the proxy is connected; the handlers after it see a connection that
/// becomes active when the tunnel is open. The name of the server is resolved by the proxy.
final class ProxyHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Can go to: asked, failed.
        case connecting
        /// Can go to: open, failed.
        case asked(ProxyReply)
        /// Bytes pass.
        case open
        /// Nothing passes any more.
        case failed
    }

    private let proxy: ProxyAddress
    private let server: ServerAddress
    private let time: TimeAmount
    private let failed: @Sendable (LinkFailure) -> Void
    private let opened: @Sendable () -> Void
    private var state = State.connecting
    private var timeout: Scheduled<Void>?

    /// - Parameters:
    ///   - time: for the proxy to open the tunnel.
    ///   - opened: called when it is open.
    ///   - failed: called once when it is not; then the connection is closed.
    init(
        _ proxy: ProxyAddress, to server: ServerAddress, within time: TimeAmount, opened: @escaping @Sendable () -> Void,
        failed: @escaping @Sendable (LinkFailure) -> Void
    ) {
        self.proxy = proxy
        self.server = server
        self.time = time
        self.opened = opened
        self.failed = failed
    }

    /// The request, with the password if there is one.
    static func request(_ proxy: ProxyAddress, to server: ServerAddress) -> String {
        var lines = ["CONNECT \(server) HTTP/1.1", "Host: \(server)", "User-Agent: muster-agent/\(AgentVersion.current)"]
        if !proxy.user.isEmpty {
            let credentials = Data("\(proxy.user):\(proxy.password)".utf8).base64EncodedString()
            lines.append("Proxy-Authorization: Basic \(credentials)")
        }
        return lines.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    func channelActive(context: ChannelHandlerContext) {
        state = .asked(ProxyReply())
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: time) {
            let (handler, context) = bound.value
            handler.fail(
                LinkFailure(.unreachable, "the proxy \(handler.proxy) did not reach \(handler.server) in time"), context: context)
        }
        let request = Self.request(proxy, to: server)
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .asked(var reply) = state else {
            if case .open = state { context.fireChannelRead(data) }
            return
        }
        let outcome = reply.received(unwrapInboundIn(data).readableBytesView)
        state = .asked(reply)
        switch outcome {
        case .needsMore: break
        case .open(let rest): open(rest, context: context)
        case .refused(let status, let phrase): fail(refusal(status, phrase), context: context)
        case .strange:
            fail(LinkFailure(.proxyRefused, "\(proxy) is no HTTP proxy: its answer is not understood"), context: context)
        }
    }

    /// Handlers after this one are not told of reads that were not theirs.
    func channelReadComplete(context: ChannelHandlerContext) {
        if case .open = state { context.fireChannelReadComplete() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .asked = state {
            fail(LinkFailure(.proxyRefused, "the proxy \(proxy) closed the connection without an answer"), context: context)
        }
        timeout?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .asked = state {
            fail(
                LinkFailure(.proxyUnreachable, "the connection to the proxy \(proxy) broke: \(ErrorWords.text(of: error))"),
                context: context)
        }
        context.fireErrorCaught(error)
    }

    private func open(_ rest: [UInt8], context: ChannelHandlerContext) {
        timeout?.cancel()
        state = .open
        opened()
        context.fireChannelActive()
        if !rest.isEmpty { context.fireChannelRead(wrapInboundOut(context.channel.allocator.buffer(bytes: rest))) }
    }

    /// 5xx: the proxy tried and did not reach the server. Anything else is the proxy's own no.
    private func refusal(_ status: Int, _ phrase: String) -> LinkFailure {
        let said = phrase.isEmpty ? "\(status)" : "\(status) \(phrase)"
        var failure =
            (500...599).contains(status)
            ? LinkFailure(.unreachable, "the proxy \(proxy) did not reach \(server): \(said)")
            : LinkFailure(.proxyRefused, "the proxy \(proxy) refused a connection to \(server): \(said)")
        failure.proxyStatus = status
        return failure
    }

    private func fail(_ failure: LinkFailure, context: ChannelHandlerContext) {
        timeout?.cancel()
        if case .failed = state { return }
        state = .failed
        failed(failure)
        context.close(promise: nil)
    }
}
