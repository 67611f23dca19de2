import NIOCore
import Synchronization

/// A connection to the control socket between being accepted and being served. One that is accepted just as the listener ends is served by
/// nobody; dropped as it is it would end the program, because NIO wants its writer finished.
final class AcceptedConnection: Sendable {
    typealias Frames = NIOAsyncChannel<ControlLine, ByteBuffer>

    private let frames: Frames
    private let isServed = Mutex(false)

    init(_ frames: Frames) { self.frames = frames }

    var channel: any Channel { frames.channel }

    func executeThenClose(
        _ body: (NIOAsyncChannelInboundStream<ControlLine>, NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws -> Void
    ) async throws {
        isServed.withLock { $0 = true }
        try await frames.executeThenClose(body)
    }

    deinit {
        guard !isServed.withLock({ $0 }) else { return }
        // A task, because closing waits: it holds the connection alone and ends with it.
        Task { [frames] in try? await frames.executeThenClose { _, _ in } }
    }
}
