/// When a task runs by itself: on the device's own clock, in its own zone, whether the server can be reached or not.
package struct TaskSchedule: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Only when somebody runs it.
        case manually
        /// Each time the Network Agent starts.
        case atAgentStart
        case once(LocalTime)
        /// So long after the time the last run was planned for; a day is 24 hours, whatever the clock on the wall does.
        case every(Duration)
        case daily(TimeOfDay)
        case weekly(Set<Weekday>, TimeOfDay)
        /// On the month's last day where it has no such day.
        case monthly(day: Int, TimeOfDay)
    }

    /// Of `every`, in whole minutes: a run takes a process and a few events; what comes less often than a year has no place here.
    package static let intervals: ClosedRange<Duration> = .minutes(1) ... .days(366)
    package static let monthDays = 1...31

    package let kind: Kind

    package static let manually = TaskSchedule(unchecked: .manually)
    package static let atAgentStart = TaskSchedule(unchecked: .atAgentStart)

    package init(_ kind: Kind) throws(TaskScheduleError) {
        switch kind {
        case .every(let interval) where !Self.isAllowed(interval): throw .wrongInterval
        case .weekly(let days, _) where days.isEmpty: throw .noDays
        case .monthly(let day, _) where !Self.monthDays.contains(day): throw .wrongMonthDay("\(day)")
        default: self.init(unchecked: kind)
        }
    }

    private init(unchecked kind: Kind) { self.kind = kind }

    /// Whether its only time has passed in every zone: they differ from UTC by 14 hours at most.
    package func isOver(at now: Timestamp) -> Bool {
        guard case .once(let time) = kind else { return false }
        return time.second < (now - .days(1)).milliseconds / 1000
    }

    private static func isAllowed(_ interval: Duration) -> Bool {
        intervals.contains(interval) && interval == .minutes(interval.milliseconds / 60_000)
    }
}

/// As JSON its text: `"weekly mon,thu 22:15"`.
extension TaskSchedule: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do { try self.init(try container.decode(String.self)) } catch let error as TaskScheduleError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.reason)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
