import MusterModel
import MusterSession

/// How long a connector may take, and how soon it is started again. Tests have shorter ones.
struct ConnectorLimits: Sendable {
    /// Bytes of a line with its end: a manifest of 64 KiB with half of its bytes escaped.
    static let maximumLine = 128 * 1024
    /// Lines that wait to be read: an answer, and notices before it.
    static let maximumLines = 32

    /// For an answer to most requests: a little less than `ConnectorService` waits, so that the reason is told.
    var answering = Duration.seconds(8)
    /// For the answer to `apply`, which may have to start something anew.
    var applying = Duration.seconds(60)
    /// 1 s to 5 min between a connector's end and its next start.
    var restarting = BackOff.Range(first: .seconds(1), most: .minutes(5))
    /// So long it must have worked for the count to begin anew.
    var steady = Duration.minutes(1)
    /// Between the end of its standard input and its being killed.
    var ending = Duration.seconds(1)
    /// Between two looks because it says that it changed.
    var changing = Duration.seconds(1)
    /// Between two looks into the directory where no change of it is seen.
    var scanning = Duration.minutes(1)
}

/// When a connector that ended is started again. A value.
struct RestartCourse: Sendable {
    private var backOff = BackOff()
    private let limits: ConnectorLimits

    init(_ limits: ConnectorLimits) { self.limits = limits }

    /// - Parameter worked: since its first answer; nil: it gave none.
    mutating func ended(afterWorking worked: Duration?) -> Duration {
        if let worked, worked >= limits.steady { backOff.succeeded() }
        return backOff.failed(in: limits.restarting)
    }
}
