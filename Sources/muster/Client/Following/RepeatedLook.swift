import MusterAPI

/// Looks at something on the server again and again, through lost connections, until it is as wanted or the time is up.
struct RepeatedLook {
    /// Between two looks, unless told otherwise.
    private static let standardPeriod = Duration.milliseconds(200)
    /// Between two tries while the server is away: somebody waits.
    private static let longestWait = Duration.seconds(4)
    /// A look is answered at once; what takes longer is a server that is away.
    private static let longestLook = Duration.seconds(10)
    /// At the end of the time one look is left, to know how it stands then; on a busy machine TLS takes a second or two.
    private static let shortestLook = Duration.seconds(5)

    private let configuration: ClientConfiguration
    private let deadline: ContinuousClock.Instant
    private let period: Duration
    private var absence = ServerAbsence(longestWait: Self.longestWait)

    init(_ configuration: ClientConfiguration, within time: Duration, every period: Duration = Self.standardPeriod) {
        self.configuration = configuration
        self.period = period
        deadline = .now + time
    }

    private var left: Duration { max(.zero, deadline - .now) }

    /// - Parameter look: says whether it is as wanted.
    /// - Returns: whether it came to be so in time.
    mutating func until(_ look: (inout APIClient) async throws -> Bool) async throws -> Bool {
        while true {
            let failure: CommandError
            do { return try await connected(look) } catch let error as CommandError { failure = error }
            guard case .tryAgain(let wait, let saying) = absence.failed(failure) else { throw failure }
            if let saying { Console.remark(saying) }
            guard left > .zero else { return false }
            try await Task.sleep(for: min(left, wait * Double.random(in: 0.5...1)))
        }
    }

    private mutating func connected(_ look: (inout APIClient) async throws -> Bool) async throws -> Bool {
        let patience = min(Self.longestLook, max(Self.shortestLook, left))
        return try await APIClient.with(configuration.waiting(atMost: patience)) { client in
            if absence.isAway {
                // Said before what follows from it.
                _ = try await client.get(APIPath.serverStatus, as: ServerStatus.self)
                if let saying = absence.answered() { Console.remark(saying) }
            }
            while true {
                let isReached = try await look(&client)
                if isReached || left == .zero { return isReached }
                try await Task.sleep(for: min(left, period))
            }
        }
    }
}
