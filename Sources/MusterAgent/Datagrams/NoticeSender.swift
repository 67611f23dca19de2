import Logging
import MusterModel
import MusterSession
import MusterTrust
import MusterWire
import NIOCore
import NIOPosix
import Synchronization

/// Sends shutdown notices: one signed datagram, three copies, to every address of the server. No answer comes; whoever needs to know that
/// it arrived looks at the server.
final class NoticeSender: Sendable {
    /// After each copy: a burst of loss is mostly shorter.
    private static let pauses: [Duration] = [.milliseconds(50), .milliseconds(150), .zero]
    /// For names to be looked up: a device that shuts down waits for us.
    private static let lookupLimit = Duration.seconds(1)

    private let storage: AgentStorage
    private let board: RequestBoard
    private let runID: UInt64
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let counter = Mutex<UInt64>(0)

    init(storage: AgentStorage, board: RequestBoard, runID: UInt64, logger: Logger, now: @escaping @Sendable () -> Timestamp) {
        self.storage = storage
        self.board = board
        self.runID = runID
        self.logger = logger
        self.now = now
    }

    /// Returns within 2 s.
    func send(_ kind: AbsenceNotice.Kind) async {
        do {
            let bytes = try await datagram(kind)
            let (servers, port) = try await storage.run { state, _ in (try state.servers(), try state.noticePort()) }
            for place in await Self.places(of: servers, port: port) {
                do { try await Self.send(bytes, to: place) } catch {
                    logger.debug("notice.failed", metadata: ["place": "\(place)", "error": "\(error)"])
                }
            }
        } catch {
            logger.warning("notice.failed", metadata: ["error": "\(error)"])
        }
    }

    private func datagram(_ kind: AbsenceNotice.Kind) async throws -> [UInt8] {
        let identity = try await storage.run { state, _ in try state.identity() }
        guard let identity else { throw AgentError(.notEnrolled, "this device is not enrolled") }
        let time = board.serverTime(now: now())
        let number = counter.withLock { counter in
            counter = Datagram.nextCounter(after: counter, now: time)
            return counter
        }
        let key = try PrivateKey(pem: identity.keyPEM)
        return try Datagram(
            kind: .shutdownNotice, reason: kind.rawValue, keyID: Digest(keyID: key.pin), device: identity.device, counter: number,
            time: time, runID: runID
        ).signed(with: key)
    }

    private static func places(of servers: [ServerAddress], port: UInt16) async -> [SocketAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let lookups = servers.map { lookup($0, port, on: loop) }
        var places: [SocketAddress] = []
        for lookup in lookups {
            if let place = try? await lookup.get(), !places.contains(place) { places.append(place) }
        }
        return places
    }

    /// A lookup cannot be interrupted: one that takes longer keeps its thread, and nobody waits for it.
    private static func lookup(_ server: ServerAddress, _ port: UInt16, on loop: any EventLoop) -> EventLoopFuture<SocketAddress?>
    {
        let answer = loop.makePromise(of: SocketAddress?.self)
        let timeout = loop.scheduleTask(in: .milliseconds(lookupLimit.milliseconds)) { answer.succeed(nil) }
        NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            try SocketAddress.makeAddressResolvingHost(server.host, port: Int(port))
        }.whenComplete { result in
            timeout.cancel()
            answer.succeed(try? result.get())
        }
        return answer.futureResult
    }

    private static func send(_ bytes: [UInt8], to place: SocketAddress) async throws {
        let any = try SocketAddress(ipAddress: place.protocol == .inet6 ? "::" : "0.0.0.0", port: 0)
        let channel = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(to: any).get()
        for pause in pauses {
            try? await channel.writeAndFlush(AddressedEnvelope(remoteAddress: place, data: ByteBuffer(bytes: bytes)))
            try? await Task.sleep(for: pause)
        }
        try await channel.close()
    }
}

extension AgentState {
    /// The server's UDP port: as the connection file has it, else from the document `agent` that is held.
    func noticePort() throws(AgentError) -> UInt16 {
        if let port = try database.read({ (connection) throws(AgentError) in try connection.noticePort() }) { return port }
        return try held(.agent).map { AgentSettings($0).noticePort } ?? AgentSettings.standardNoticePort
    }
}
