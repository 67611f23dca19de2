import DequeModule
import Synchronization

/// What waits for the one task that owns a connection: anyone puts in, that task alone takes out.
///
/// Bounded by who puts in: news of events and documents are one however many there are, 16 control connections ask for one
/// synchronization each, and a server's frames are as many as the session lets it have under way.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var queue: Deque<Element> = []
        var waiter: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let merge: @Sendable (Element, Element) -> Element?

    /// - Parameter merge: what says as much as the last that waits and the new one together; nil when both are needed.
    init(merge: @escaping @Sendable (_ last: Element, _ new: Element) -> Element? = { _, _ in nil }) { self.merge = merge }

    /// - Returns: false when nobody takes any more: the element was not put in.
    @discardableResult
    func put(_ element: Element) -> Bool {
        let (isTaken, waiter) = state.withLock { state in
            guard !state.isClosed else { return (false, nil as CheckedContinuation<Void, Never>?) }
            if let last = state.queue.last, let merged = merge(last, element) {
                state.queue[state.queue.count - 1] = merged
            } else {
                state.queue.append(element)
            }
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
