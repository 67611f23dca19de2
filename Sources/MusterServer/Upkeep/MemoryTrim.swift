import CMalloc
import Synchronization

/// Gives memory back to the system after many connections have closed: glibc keeps what they used (222 MB after 8,000 connections)
/// until it is told.
final class MemoryTrim: Sendable {
    /// Worth a trim: 200 connections are about 6 MB.
    private static let connections: UInt64 = 200

    private let closed = Atomic<UInt64>(0)

    func connectionClosed() { closed.wrappingAdd(1, ordering: .relaxed) }

    func trimIfWorthwhile() {
        guard closed.load(ordering: .relaxed) >= Self.connections else { return }
        closed.store(0, ordering: .relaxed)
        malloc_trim(0)
    }
}
