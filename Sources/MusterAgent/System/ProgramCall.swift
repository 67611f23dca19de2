import Synchronization

/// Whether anybody still waits for a program.
final class ProgramCall: Sendable {
    /// How often it is asked, ms.
    static let period: Int64 = 100

    private let cancelled = Atomic(false)

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func cancel() { cancelled.store(true, ordering: .relaxed) }
}
