/// How a run of a task stands, as the server knows it. The numbers are those of the table, the codes what the API and people see.
package enum RunState: Int64, CaseIterable, Hashable, Sendable {
    /// Ordered; the device does not have it yet.
    case pending = 1
    /// The device has it written down, and begins it.
    case accepted = 2
    case running = 3
    case succeeded = 4
    case failed = 5
    case stopped = 6
    case timedOut = 7
    case interrupted = 8
    /// It was not begun: the device will not.
    case refused = 9
    /// It was not begun: the device did not come in time.
    case expired = 10
    /// It was not begun: somebody cancelled it.
    case cancelled = 11

    package var code: String { self == .timedOut ? TaskResult.timedOut.rawValue : "\(self)" }

    package init?(code: String) {
        guard let state = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = state
    }

    package init(_ result: TaskResult) {
        switch result {
        case .succeeded: self = .succeeded
        case .failed: self = .failed
        case .stopped: self = .stopped
        case .timedOut: self = .timedOut
        case .interrupted: self = .interrupted
        }
    }

    /// Nothing comes after it.
    package var isFinal: Bool { rawValue > Self.running.rawValue }
    package var hasBegun: Bool { (Self.running.rawValue...Self.interrupted.rawValue).contains(rawValue) }

    /// It began and came to no good end: what makes a device's status worse.
    package var isFailure: Bool { self == .failed || self == .timedOut || self == .interrupted }
}
