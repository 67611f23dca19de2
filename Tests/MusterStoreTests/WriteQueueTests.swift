import Synchronization
import Testing

@testable import MusterStore

/// Who writes first.
struct WriteQueueTests {
    private func job(_ name: String, isLarge: Bool = false, to told: Told) -> WriteJob {
        WriteJob(isLarge: isLarge) { _ throws(StoreError) in
            name
        } tell: { result in
            told.names.withLock { $0.append((try? result.get()) ?? "\(name) failed") }
        }
    }

    private final class Told: Sendable {
        let names = Mutex<[String]>([])

        /// Fails them all, so that each says who it is.
        func names(of jobs: [WriteJob]) -> String {
            names.withLock { $0 = [] }
            for job in jobs { job.fail(.closed) }
            return names.withLock { $0 }.map { String($0.prefix(2)) }.joined(separator: " ")
        }
    }

    @Test func eachKindWaitsInItsOrder() {
        let told = Told()
        var queue = WriteQueue()
        for name in ["L1", "L2", "L3"] { queue.append(job(name, isLarge: true, to: told)) }
        for name in ["s1", "s2", "s3"] { queue.append(job(name, to: told)) }
        #expect(queue.count == 6)
        #expect(told.names(of: queue.take(2).all) == "s1 s2 L1 L2")
        queue.append(job("s4", to: told))
        var turn = queue.take(256)
        #expect(told.names(of: turn.all) == "s3 s4 L3")
        #expect(queue.isEmpty)
        // There was time for one only.
        queue.append(job("s5", to: told))
        queue.append(job("L4", isLarge: true, to: told))
        turn.small.removeFirst()
        queue.putBack(turn)
        #expect(told.names(of: queue.take(256).all) == "s4 s5 L3 L4")
        #expect(queue.take(256).all.isEmpty)
    }

    @Test func whatIsRemovedIsAll() {
        let told = Told()
        var queue = WriteQueue()
        queue.append(job("L1", isLarge: true, to: told))
        queue.append(job("s1", to: told))
        #expect(told.names(of: queue.removeAll()) == "s1 L1")
        #expect(queue.isEmpty)
    }
}
