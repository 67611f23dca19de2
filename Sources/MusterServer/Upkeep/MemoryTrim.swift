import CMalloc
import Synchronization

/// Gives memory back to the system after many handshakes, documents and ends of connections: glibc keeps what they used (222 MB after 8,000
/// connections) until it is told.
final class MemoryTrim: Sendable {
    /// Worth a trim: 200 connections are about 6 MB.
    private static let uses: UInt64 = 200

    private let used = Atomic<UInt64>(0)

    /// A handshake, a document or a connection is over.
    func freed() { used.wrappingAdd(1, ordering: .relaxed) }

    func trimIfWorthwhile() {
        guard used.load(ordering: .relaxed) >= Self.uses else { return }
        used.store(0, ordering: .relaxed)
        malloc_trim(0)
    }
}
