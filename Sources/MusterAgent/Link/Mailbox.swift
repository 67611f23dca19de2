import DequeModule
import Synchronization

/// What waits for the one task that owns a connection: anyone puts in, that task alone takes out.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var queue: Deque<Element> = []
        var waiter: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())

    /// - Returns: false when nobody takes any more: the element was not put in.
    @discardableResult
    func put(_ element: Element) -> Bool {
        let (isTaken, waiter) = state.withLock { state in
            guard !state.isClosed else { return (false, nil as CheckedContinuation<Void, Never>?) }
            state.queue.append(element)
            defer { state.waiter = nil }
            return (true, state.waiter)
        }
        waiter?.resume()
        return isTaken
    }

    /// Nobody takes any more. - Returns: what still waited.
    func close() -> [Element] {
        state.withLock { state in
            state.isClosed = true
            defer { state.queue = [] }
            return Array(state.queue)
        }
    }

    /// What waits, without waiting.
    func take() -> Element? { state.withLock { $0.queue.popFirst() } }

    /// The next element; nil when none came in time or the task was cancelled.
    func take(within time: Duration) async -> Element? {
        if let element = take() { return element }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
        return take()
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.queue.isEmpty || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}
