import MusterModel

/// Whether a device is protected, over time: clamd may be started anew, by an update or for new settings, and is busy now and then. Rules
/// only; by the steady clock.
struct ProtectionCourse: Hashable, Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How clamd is at one moment.
    enum Standing: Hashable, Sendable {
        case answering
        /// It was started a short while ago and reads its databases.
        case loading
        case stopped
        /// It is there and does not answer.
        case silent
    }

    /// Before anybody is told: a clamd that is started anew listens again within some seconds.
    static let standardPatience = Duration.seconds(30)

    private let patience: Duration
    /// Not answering since.
    private var since: Instant?

    init(patience: Duration = standardPatience) { self.patience = patience }

    struct Verdict: Hashable, Sendable {
        var state: ApplicationState
        /// `stopped` or `silent`: it is to be told.
        var reason: String?
    }

    /// - Parameter before: what was reported last, also before a restart of the agent.
    mutating func judge(_ standing: Standing, after before: ApplicationReport?, now: Instant) -> Verdict {
        let wasTold = before?.problems.contains { $0.code == ApplicationProblem.protectionStopped } == true
        if standing == .answering || (standing == .loading && !wasTold) {
            since = nil
            return Verdict(state: .running)
        }
        // What was stopped protects again once it answers.
        if standing == .loading { return Verdict(state: .stopped, reason: "stopped") }
        since = since ?? now
        let isOver = wasTold || since.map { now - $0 >= patience } == true
        if standing == .stopped { return Verdict(state: .stopped, reason: isOver ? "stopped" : nil) }
        // One answer that is late is none of its states.
        let state = before?.state ?? .unknown
        return isOver ? Verdict(state: .failed, reason: "silent") : Verdict(state: state == .notInstalled ? .unknown : state)
    }
}
