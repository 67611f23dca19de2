import Synchronization

/// Keeps what was read before from taking the place of what was read after it, when several read the store at once: who begins to read
/// takes a number, and what was read under a lower number than the one in force is dropped. It holds nothing that the newer has not.
final class ReadingOrder: Sendable {
    private let numbers = Mutex((next: UInt64(1), inForce: UInt64(0)))

    /// Before reading.
    func begin() -> UInt64 {
        numbers.withLock { numbers in
            defer { numbers.next += 1 }
            return numbers.next
        }
    }

    /// After reading. - Returns: nil, and `apply` is not called, when something newer is in force.
    func finish<Result: Sendable>(_ number: UInt64, _ apply: () -> Result) -> Result? {
        numbers.withLock { numbers in
            guard number > numbers.inForce else { return nil }
            numbers.inForce = number
            return apply()
        }
    }
}
