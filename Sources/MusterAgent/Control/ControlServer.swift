import Glibc
package import Logging
import MusterModel
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The agent's control socket: local programs (root, or the agent's user) ask for a synchronization or the status, or raise an event.
///
/// Lines of JSON: a request (`ControlRequest`), then one answer (`ControlAnswer`), in order, as often as the caller likes. What the
/// caller sends wrong ends in an `error` on its own connection.
package struct ControlServer: Service {
    /// Connections open now.
    private final class Seats: Sendable {
        private let count = Mutex(0)

        /// - Returns: how many there are, with this one.
        func taken() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }

        func left() { count.withLock { $0 -= 1 } }
    }

    private let socket: ControlSocket
    private let handler: any ControlHandler
    private let limits: ControlLimits
    private let logger: Logger

    /// Listens from here on; callers wait until `run` answers them. `run` is called once, or never.
    package init(
        directory: StateDirectory, holding lock: StateLock, handler: any ControlHandler, logger: Logger,
        limits: ControlLimits = .standard
    ) throws(AgentError) {
        socket = try ControlSocket(directory, holding: lock)
        self.handler = handler
        self.limits = limits
        self.logger = logger
    }

    /// Answers until graceful shutdown or cancellation; requests under way are cancelled then.
    package func run() async throws {
        try await cancelWhenGracefulShutdown { try await serve() }
    }

    private func serve() async throws {
        guard let descriptor = socket.take() else {
            throw AgentError(.internalError, "the control socket was already served")
        }
        let limits = limits
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ByteToMessageHandler(ControlLineDecoder(limit: limits.lineBytes)))
                    try pipeline.addHandler(ControlDeadlineHandler(limit: limits.requestTime))
                    return AcceptedConnection(try .init(wrappingChannelSynchronously: channel))
                }
            }
        let seats = Seats()
        // A cancelled wait for connections is the ordinary end.
        try? await listener.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    let isFull = seats.taken() > limits.connections
                    group.addTask {
                        await serve(connection.take(), isFull: isFull)
                        seats.left()
                    }
                }
            }
        }
    }

    /// One connection. What goes wrong on it ends it and nothing else.
    private func serve(_ connection: AcceptedConnection.Frames, isFull: Bool) async {
        do {
            try await connection.executeThenClose { lines, answers in
                func send(_ answer: ControlAnswer) async throws {
                    try await answers.write(ByteBuffer(bytes: try ControlJSON.line(answer)))
                }
                do throws(AgentError) {
                    try await admit(connection.channel, isFull: isFull)
                } catch {
                    return try await send(.refused(error))
                }
                for try await line in lines {
                    guard case .line(let bytes) = line else {
                        return try await send(.refused(.lineTooLong(limits.lineBytes)))
                    }
                    try await send(await answer(to: bytes))
                }
            }
        } catch {
            logger.debug("control connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func admit(_ channel: any Channel, isFull: Bool) async throws(AgentError) {
        let peer = try await ControlPeer(of: channel)
        guard peer.isAllowed(agentUser: geteuid()) else {
            logger.notice(
                "control connection refused", metadata: ["peer.user": "\(peer.user)", "peer.process": "\(peer.process)"])
            throw AgentError(.controlRefused, "user \(peer.user) may not control this agent: root or user \(geteuid()) may")
        }
        guard !isFull else {
            throw AgentError(
                .controlRefused, "\(limits.connections) programs are connected to the control socket already: try again")
        }
    }

    /// Waits for the handler even when its time is over: it is cancelled then, and heeds that.
    private func answer(to line: [UInt8]) async -> ControlAnswer {
        let time = limits.requestTime
        return await withTaskGroup { group in
            group.addTask { await perform(line) }
            group.addTask {
                do { try await Task.sleep(for: time) } catch { return ControlAnswer.refused(.stopping) }
                return .refused(AgentError(.timedOut, "the agent did not answer within \(time.components.seconds) s"))
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .refused(.stopping)
        }
    }

    private func perform(_ line: [UInt8]) async -> ControlAnswer {
        do throws(AgentError) {
            switch try ControlJSON.decode(ControlRequest.self, from: line) {
            case .synchronize: return .synchronized(try await handler.synchronize())
            case .status: return .status(try await handler.status())
            case .check: return .checked(try await handler.check())
            case .raise(let event): return .raised(try await handler.raise(event))
            case .takeConnectionFile: return .connected(try await handler.takeConnectionFile())
            case .notice(.suspend):
                try await handler.suspend()
                return .noticed(.suspend)
            case .notice(.resume):
                try await handler.resume()
                return .noticed(.resume)
            }
        } catch {
            return .refused(error)
        }
    }
}

extension AgentError {
    fileprivate static func lineTooLong(_ limit: Int) -> Self {
        Self(
            .controlProtocol,
            "a request to the agent has at most \(limit) bytes, and an event's text at most \(DeviceEvent.maximumTextBytes)")
    }

    static var stopping: Self { Self(.notRunning, "the agent is stopping") }
}
