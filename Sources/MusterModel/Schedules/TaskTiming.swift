/// When a task runs by itself and how long: its schedule and the options beside it.
package struct TaskTiming: Hashable, Sendable {
    /// Spreads what would begin at once on thousands of devices; longer than a day it would be another schedule.
    package static let randomDelays: ClosedRange<Duration> = .zero ... .hours(24)
    /// Starting takes seconds, so less than a minute would stop what has hardly begun; after a week it hangs.
    package static let stopTimes: ClosedRange<Duration> = .minutes(1) ... .days(7)

    package let schedule: TaskSchedule
    /// Whether a run whose time came while the agent was not there is caught up on, once, as soon as it is.
    package let runsMissed: Bool
    /// A run starts so much later than planned at most, and before the next is planned.
    package let randomDelay: Duration
    /// Nil: it is let run to its end.
    package let stopAfter: Duration?

    /// - Parameters: times in whole seconds.
    package init(
        _ schedule: TaskSchedule, runsMissed: Bool = false, randomDelay: Duration = .zero, stopAfter: Duration? = nil
    ) throws(TaskScheduleError) {
        guard Self.isAllowed(randomDelay, Self.randomDelays) else { throw .wrongRandomDelay }
        if let stopAfter, !Self.isAllowed(stopAfter, Self.stopTimes) { throw .wrongStopAfter }
        self.schedule = schedule
        self.runsMissed = runsMissed
        self.randomDelay = randomDelay
        self.stopAfter = stopAfter
    }

    private static func isAllowed(_ duration: Duration, _ allowed: ClosedRange<Duration>) -> Bool {
        allowed.contains(duration) && duration == .seconds(duration.components.seconds)
    }
}

/// As JSON: `{"schedule": "daily 03:00", "runMissed": true, "randomDelaySeconds": 600, "stopAfterSeconds": 3600}`; what is left out is
/// as the initializer has it.
extension TaskTiming: Codable {
    private enum CodingKeys: String, CodingKey {
        case schedule
        case runsMissed = "runMissed"
        case randomDelay = "randomDelaySeconds"
        case stopAfter = "stopAfterSeconds"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let delay = try container.decodeIfPresent(Int64.self, forKey: .randomDelay) ?? 0
        let stop = try container.decodeIfPresent(Int64.self, forKey: .stopAfter)
        do {
            try self.init(
                try container.decode(TaskSchedule.self, forKey: .schedule),
                runsMissed: try container.decodeIfPresent(Bool.self, forKey: .runsMissed) ?? false,
                randomDelay: .seconds(delay), stopAfter: stop.map { .seconds($0) })
        } catch let error as TaskScheduleError {
            throw DecodingError.dataCorrupted(.init(codingPath: container.codingPath, debugDescription: error.reason))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schedule, forKey: .schedule)
        try container.encode(runsMissed, forKey: .runsMissed)
        try container.encode(randomDelay.components.seconds, forKey: .randomDelay)
        try container.encodeIfPresent(stopAfter?.components.seconds, forKey: .stopAfter)
    }
}
