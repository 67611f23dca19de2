import NIOCore
import Synchronization

/// A connection to the control socket between being accepted and being served. One that is accepted just as the listener ends is served by
/// nobody; dropped as it is it would end the program, because NIO wants its writer finished.
final class AcceptedConnection: Sendable {
    typealias Frames = NIOAsyncChannel<ControlLine, ByteBuffer>

    private let frames: Frames
    private let isTaken = Mutex(false)

    init(_ frames: Frames) { self.frames = frames }

    /// Whoever takes it closes it.
    func take() -> Frames {
        isTaken.withLock { $0 = true }
        return frames
    }

    deinit {
        guard !isTaken.withLock({ $0 }) else { return }
        // A task, because closing waits: it holds the connection alone and ends with it.
        Task { [frames] in try? await frames.executeThenClose { _, _ in } }
    }
}
