import Synchronization

/// Memory for documents being received, in all sessions together. Past it a device is told to come back.
final class AssemblyBudget: Sendable {
    /// 256 MiB: 16 of the largest documents at once, or 10,000 lists of installed applications.
    static let limit = 256 * 1024 * 1024

    private let used = Mutex(0)

    func reserve(_ bytes: Int) -> Bool {
        used.withLock { used in
            guard bytes >= 0, used + bytes <= Self.limit else { return false }
            used += bytes
            return true
        }
    }

    func release(_ bytes: Int) { used.withLock { $0 = max(0, $0 - bytes) } }
}
