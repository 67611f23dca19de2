import Logging
import MusterModel
import MusterSession
import MusterTrust
import MusterWire
import NIOCore
import Synchronization

/// Asks devices to connect now, by a signed datagram to where they were last seen: up to three copies until the device is here, then what
/// came of it. A datagram proves nothing to the server; a session that begins does.
final class ConnectionRequests: Sendable {
    /// Pauses after each copy; together 5 s. Two lost in a row at 5 % loss: one in 400 goes without an answer for a second.
    private static let pauses: [Duration] = [.milliseconds(200), .milliseconds(800), .seconds(4)]
    /// A device asked with many others waits up to a second by itself.
    private static let spread = Duration.seconds(1)

    /// One request under way; who asks for the same device meanwhile gets its outcome.
    private struct Request {
        let connected: AsyncStream<ContinuousClock.Instant>.Continuation
        var others: [CheckedContinuation<ConnectionRequestOutcome?, Never>] = []
    }

    private struct State {
        var pace: RequestPace
        var requests: [DeviceID: Request] = [:]
    }

    private let directory: DeviceDirectory
    private let key: PrivateKey
    private let socket: UDPSocket
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// - Parameter key: the server's active key, which its TLS certificate shows.
    init(
        directory: DeviceDirectory, key: PrivateKey, socket: UDPSocket, rate: Double, logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.directory = directory
        self.key = key
        self.socket = socket
        self.logger = logger
        self.now = now
        state = Mutex(State(pace: RequestPace(rate: rate, now: .now)))
    }

    /// Returns when the device is here, or after 5 s without it; before that it may wait for its turn.
    /// - Parameter isOneOfMany: many devices are asked at once: they come within a second, and go behind those asked alone.
    func request(_ device: DeviceID, isOneOfMany: Bool) async -> ConnectionRequestOutcome {
        if case .none(let outcome) = directory.requestPlace(device) { return outcome }
        guard let wait = state.withLock({ $0.pace.turn(isOneOfMany: isOneOfMany, now: .now) }) else { return .tooMany }
        if wait > .zero, (try? await Task.sleep(for: wait)) == nil { return .noAnswer }
        let (connected, continuation) = AsyncStream.makeStream(
            of: ContinuousClock.Instant.self, bufferingPolicy: .bufferingNewest(1))
        if let outcome = await outcomeOfOther(device, else: Request(connected: continuation)) { return outcome }
        let outcome = await perform(device, isOneOfMany: isOneOfMany, connected)
        let others = state.withLock { $0.requests.removeValue(forKey: device)?.others ?? [] }
        for other in others { other.resume(returning: outcome) }
        logger.debug("connection-request", metadata: ["device.id": "\(device)", "outcome": "\(outcome.code)"])
        return outcome
    }

    /// When a connection request last made the device connect.
    func lastGotThrough(_ device: DeviceID) -> Timestamp? { directory.entry(device)?.datagrams.requestGotThrough }

    /// A session of the device has begun.
    func connected(_ device: DeviceID) { state.withLock { _ = $0.requests[device]?.connected.yield(.now) } }

    /// Waits with who asked first.
    /// - Returns: nil when nobody did: `request` is under way from now on.
    private func outcomeOfOther(_ device: DeviceID, else request: Request) async -> ConnectionRequestOutcome? {
        await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                guard state.requests[device] == nil else {
                    state.requests[device]?.others.append(continuation)
                    return false
                }
                state.requests[device] = request
                return true
            }
            if isFirst { continuation.resume(returning: nil) }
        }
    }

    private func perform(
        _ device: DeviceID, isOneOfMany: Bool, _ connected: AsyncStream<ContinuousClock.Instant>
    ) async -> ConnectionRequestOutcome {
        // As it is now: it may have come, or gone, while it waited.
        let place = directory.requestPlace(device)
        guard case .place(let address, let port) = place else {
            if case .none(let outcome) = place { return outcome }
            return .unknownDevice
        }
        let began = ContinuousClock.now
        return await withTaskGroup(of: ConnectionRequestOutcome?.self) { group in
            group.addTask {
                for await time in connected { return .connected(after: time - began) }
                return nil
            }
            group.addTask { await self.send(to: device, at: address, port, isOneOfMany: isOneOfMany) }
            defer { group.cancelAll() }
            for await outcome in group { if let outcome { return outcome } }
            return .noAnswer
        }
    }

    /// - Returns: nil when it was cancelled.
    private func send(
        to device: DeviceID, at address: String, _ port: UInt16, isOneOfMany: Bool
    ) async -> ConnectionRequestOutcome? {
        do {
            let now = now()
            guard let counter = directory.nextRequest(device, now: now) else { return .unknownDevice }
            let reason = isOneOfMany ? Datagram.RequestReason.oneOfMany : .oneDevice
            let datagram = Datagram(
                kind: .connectionRequest, reason: reason.rawValue, keyID: Digest(keyID: key.pin), device: device,
                counter: counter, time: now, runID: 0)
            let bytes = try datagram.signed(with: key)
            let place = try SocketAddress(ipAddress: address, port: Int(port))
            for pause in Self.pauses {
                try await socket.send(bytes, to: place)
                try await Task.sleep(for: isOneOfMany ? pause + Self.spread / 3 : pause)
            }
            return .noAnswer
        } catch is CancellationError {
            return nil
        } catch {
            return .notSent("\(error)")
        }
    }
}
