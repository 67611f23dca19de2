import Synchronization

/// The way to one connector: its calls one at a time, each with a time limit. A call past the limit goes on by itself; until it ends every other
/// is refused at once, so that a connector that hangs holds up nobody, and is never started twice.
final class ConnectorLine: Sendable {
    private let limit: Duration
    private let isBusy = Mutex(false)
    private let jobs: AsyncStream<@Sendable () async -> Void>
    private let send: AsyncStream<@Sendable () async -> Void>.Continuation

    init(limit: Duration) {
        self.limit = limit
        (jobs, send) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// Makes the calls, until cancelled and the one under way has ended.
    func run() async {
        for await job in jobs { await job() }
    }

    /// - Parameter late: what became of it when it ends past the limit.
    func call<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(ConnectorError) -> Value,
        late: @escaping @Sendable (Result<Value, ConnectorError>) -> Void = { _ in }
    ) async throws(ConnectorError) -> Value {
        let isFree = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else { throw .timeout(limit) }
        let answer = Mailbox<Result<Value, ConnectorError>>()
        send.yield {
            let result: Result<Value, ConnectorError>
            do throws(ConnectorError) { result = .success(try await body()) } catch { result = .failure(error) }
            self.isBusy.withLock { $0 = false }
            if !answer.put(result) { late(result) }
        }
        if let result = await answer.take(within: limit) { return try result.get() }
        // One that came at this very moment.
        if let result = answer.close().first { return try result.get() }
        throw .timeout(limit)
    }
}
