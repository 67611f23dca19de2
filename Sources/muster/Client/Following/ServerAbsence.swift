import MusterAPI

/// What it means to whoever follows something that the server is away: whether and when to try again, and what to say, once when it goes
/// and once when it is back. A value; who follows does what it says.
struct ServerAbsence {
    enum OnFailure: Equatable {
        /// Another try would not mend it.
        case giveUp
        case tryAgain(after: Duration, saying: String?)
    }

    /// A server that is restarted is back within seconds.
    private static let firstWait = Duration.seconds(1)

    /// The wait doubles up to this.
    private let longestWait: Duration
    private var wait = Self.firstWait
    private(set) var isAway = false

    init(longestWait: Duration) { self.longestWait = longestWait }

    mutating func failed(_ error: CommandError) -> OnFailure {
        guard error.mayPass else { return .giveUp }
        defer {
            isAway = true
            wait = min(wait * 2, longestWait)
        }
        return .tryAgain(after: wait, saying: isAway ? nil : "The server is away: \(error.reason) Trying again until it is back.")
    }

    /// The server ended it in good order: it may be there at once.
    func ended() -> OnFailure { .tryAgain(after: Self.firstWait, saying: nil) }

    /// - Returns: what to say; nil when it was not away.
    mutating func answered() -> String? {
        defer {
            isAway = false
            wait = Self.firstWait
        }
        return isAway ? "The server is back." : nil
    }
}

extension CommandError {
    /// Lost connections and servers that are restarting or short of something pass; a wrong key, token or request does not.
    var mayPass: Bool {
        switch code {
        case .unreachable, .disconnected: true
        case .refused: (problem?.status ?? 0) >= 500
        default: false
        }
    }
}
