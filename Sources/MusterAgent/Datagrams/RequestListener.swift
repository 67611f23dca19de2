import Logging
import MusterModel
import MusterSession
import MusterWire
import NIOCore
import NIOPosix

/// The agent's UDP port for connection requests, by the settings in force: opened, moved and closed as they change, the device's firewall with
/// it. An accepted request becomes an input of the link; nothing is ever answered.
final class RequestListener: Sendable {
    private struct Accepted: Sendable {
        let isOneOfMany: Bool
        let counter: UInt64
    }

    /// Accepted requests waiting for the disk: 10 a second can come at most, each waits for one fsync.
    private static let longestQueue = 16

    private let storage: AgentStorage
    private let board: RequestBoard
    private let firewall: DeviceFirewall
    private let mailbox: Mailbox<LinkInput>
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let accepted: AsyncStream<Accepted>
    private let queue: AsyncStream<Accepted>.Continuation
    /// Settings changed, or it is time to look.
    private let ticks: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init(
        storage: AgentStorage, board: RequestBoard, firewall: DeviceFirewall, mailbox: Mailbox<LinkInput>, logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.storage = storage
        self.board = board
        self.firewall = firewall
        self.mailbox = mailbox
        self.logger = logger
        self.now = now
        (accepted, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.longestQueue))
        (ticks, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Until cancelled.
    /// - Parameters:
    ///   - port: as `open` left it.
    ///   - portChanged: the document `system` is to say so.
    ///   - settled: whenever port and firewall were looked at.
    func run(
        _ port: OpenPort?, portChanged: @escaping @Sendable () async -> Void, settled: @escaping @Sendable () -> Void = {}
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.connectWhenAccepted() }
            group.addTask { await self.keepOpen(port, portChanged, settled) }
            group.addTask { for await _ in self.board.settingsChanges { self.ring.yield() } }
            group.addTask { await self.lookAgain() }
            await group.waitForAll()
        }
    }

    private func lookAgain() async {
        var pace = ListeningPace()
        while (try? await Task.sleep(for: ListeningPace.step * Double.random(in: 0.9...1.1))) != nil {
            if pace.stepped(hasFailed: board.report.failure != nil) { ring.yield() }
        }
    }

    /// As the settings say now. Called before the first inventory, so that a restart changes no document.
    func open() async -> OpenPort? { await settle(nil) }

    private func connectWhenAccepted() async {
        for await request in accepted {
            do {
                _ = try await storage.run { state, _ in
                    try state.update { $0.requestCounter = max($0.requestCounter, request.counter) }
                }
            } catch {
                // It connects all the same: for as long as this process lives the gate remembers.
                logger.warning("connection-request.counter.failed", metadata: ["error": "\(error)"])
            }
            logger.info("connection-request.accepted")
            mailbox.put(.connectionRequested(isOneOfMany: request.isOneOfMany))
        }
    }

    private func keepOpen(
        _ first: OpenPort?, _ portChanged: @Sendable () async -> Void, _ settled: @Sendable () -> Void
    ) async {
        var port = first
        await firewall.settle(board: board, storage: storage)
        settled()
        for await _ in ticks {
            let before = board.udpPort
            port = await settle(port)
            if board.udpPort != before { await portChanged() }
            await firewall.settle(board: board, storage: storage)
            settled()
        }
        await port?.close()
    }

    private func settle(_ open: OpenPort?) async -> OpenPort? {
        let settings = (try? await storage.run { state, _ in try state.requestSettings() }) ?? RequestSettings()
        guard settings.listens else {
            await open?.close()
            board.listening(on: 0, failure: nil, settings: settings)
            return nil
        }
        if let open, open.number == settings.port {
            board.listening(on: open.number, failure: nil, settings: settings)
            return open
        }
        do {
            let port = try await OpenPort(settings.port, handler: { self.received($0) })
            await open?.close()
            board.listening(on: port.number, failure: nil, settings: settings)
            logger.info("connection-request.listening", metadata: ["port": "\(port.number)"])
            return port
        } catch {
            let text = "UDP port \(settings.port) cannot be had: \(ErrorWords.text(of: error))"
            if board.report.failure != text { logger.warning("connection-request.failed", metadata: ["error": "\(text)"]) }
            // The port that was good stays open: the server goes on asking there.
            board.listening(on: open?.number ?? 0, failure: text, settings: settings)
            return open
        }
    }

    /// On an event loop.
    private func received(_ bytes: [UInt8]) {
        guard case .accepted(let isOneOfMany, let counter) = board.received(bytes, now: now()) else { return }
        queue.yield(Accepted(isOneOfMany: isOneOfMany, counter: counter))
    }
}

/// A UDP port that is open.
package struct OpenPort: Sendable {
    package let number: UInt16
    private let channel: any Channel

    /// For both families; for IPv4 alone on a device without IPv6.
    package init(_ number: UInt16, handler: @escaping @Sendable ([UInt8]) -> Void) async throws {
        let bootstrap = DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramHandler(handler))
                }
            }
        do {
            channel = try await bootstrap.bind(to: SocketAddress(ipAddress: "::", port: Int(number))).get()
        } catch let error as IOError where error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL {
            channel = try await bootstrap.bind(to: SocketAddress(ipAddress: "0.0.0.0", port: Int(number))).get()
        }
        self.number = number
    }

    package func close() async { try? await channel.close() }
}

private final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let received: @Sendable ([UInt8]) -> Void

    init(_ received: @escaping @Sendable ([UInt8]) -> Void) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received(Array(unwrapInboundIn(data).data.readableBytesView))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

extension AgentState {
    /// As they are in force; without any, the defaults.
    func requestSettings() throws(AgentError) -> RequestSettings { try settingsInForce()?.requests ?? RequestSettings() }
}
