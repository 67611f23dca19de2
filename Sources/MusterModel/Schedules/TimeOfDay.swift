/// What a clock on the wall shows, to the minute: `03:00`.
package struct TimeOfDay: Hashable, Sendable {
    package let hour: Int
    package let minute: Int

    /// Nil outside of 00:00…23:59.
    package init?(hour: Int, minute: Int) {
        guard (0...23).contains(hour), (0...59).contains(minute) else { return nil }
        self.hour = hour
        self.minute = minute
    }

    /// From midnight, where no clock is changed.
    var seconds: Int64 { Int64(hour * 3600 + minute * 60) }
}

extension TimeOfDay: CustomStringConvertible, LosslessStringConvertible {
    /// - Parameter description: `03:00`, also `3:00`.
    package init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2, let hour = parts[0].digits,
            let minute = parts[1].digits
        else { return nil }
        self.init(hour: hour, minute: minute)
    }

    package var description: String { "\(hour.twoDigits):\(minute.twoDigits)" }
}

/// A day and what the clock on the wall shows then; in which zone is said beside it.
package struct LocalTime: Hashable, Sendable, CustomStringConvertible {
    package let date: CivilDate
    package let time: TimeOfDay

    package init(date: CivilDate, time: TimeOfDay) {
        self.date = date
        self.time = time
    }

    /// From 1970-01-01 00:00 on the same clock, had nobody ever changed it.
    var second: Int64 { date.dayNumber * 86_400 + time.seconds }

    package var description: String { "\(date) \(time)" }
}
