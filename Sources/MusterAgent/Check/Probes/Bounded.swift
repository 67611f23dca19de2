/// What comes first: the work's result, or the end of a time.
enum Bounded {
    /// - Returns: nil when the time was over first. The work goes on then; it must end by itself, and must not matter any more.
    static func first<Result: Sendable>(
        within time: Duration, _ work: @escaping @Sendable () async -> Result
    ) async -> Result? {
        let (results, continuation) = AsyncStream<Result?>.makeStream(bufferingPolicy: .bufferingOldest(1))
        // Nobody awaits the two: the work cannot be cut off (a system's call, another's synchronization), and it outlives this call alone;
        // the timer is cancelled below.
        _ = Task { continuation.yield(await work()) }
        let timer = Task {
            try? await Task.sleep(for: time)
            continuation.yield(nil)
        }
        defer { timer.cancel() }
        for await result in results { return result }
        return nil
    }
}
