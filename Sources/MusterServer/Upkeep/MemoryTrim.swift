import CMalloc
import MusterStore
import Synchronization

/// Gives memory back to the system after many handshakes, documents and ends of connections: glibc keeps what they used (222 MB after 8,000
/// connections) until it is told, and SQLite what it read and wrote.
final class MemoryTrim: Sendable {
    private let used = Atomic<UInt64>(0)
    private let rule = Mutex(TrimRule())

    /// A handshake, a document or a connection is over.
    func freed() { used.wrappingAdd(1, ordering: .relaxed) }

    func periodEnded(_ store: Store) async {
        let uses = used.exchange(0, ordering: .relaxed)
        switch rule.withLock({ $0.periodEnded(uses: uses) }) {
        case .nothing: break
        case .trim: malloc_trim(0)
        case .releaseCachesAndTrim:
            // A store that is busy or fails has other worries.
            try? await store.releaseMemory()
            malloc_trim(0)
        }
    }
}
