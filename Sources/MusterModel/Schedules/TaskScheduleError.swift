/// Why something is no schedule, or goes with none: what is wrong and what is allowed.
package struct TaskScheduleError: Error, Hashable, Sendable {
    /// Stable; what tests and metrics look at.
    package enum Code: String, Hashable, Sendable {
        case empty
        case tooLong
        case unknownWord
        /// Too few words for its kind, or too many.
        case wrongForm
        case wrongTime
        case wrongDate
        case wrongInterval
        case wrongDay
        case wrongMonthDay
        case wrongRandomDelay
        case wrongStopAfter
    }

    package let code: Code
    package let reason: String

    private init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension TaskScheduleError: CustomStringConvertible {
    package var description: String { reason }
}

extension TaskScheduleError {
    static let empty = Self(.empty, "the schedule is empty. It is one of \(TaskSchedule.forms).")

    static let tooLong = Self(.tooLong, "a schedule has at most \(TaskSchedule.maximumBytes) bytes.")

    static func unknownWord(_ word: String, among words: [String]) -> Self {
        let hint = NearestWord.find(word, in: words).map { " Did you mean '\($0)'?" } ?? ""
        return Self(.unknownWord, "no schedule begins with '\(word)'.\(hint) It is one of \(TaskSchedule.forms).")
    }

    static func wrongForm(_ text: String, _ form: String) -> Self {
        Self(.wrongForm, "'\(text)' is no schedule: expected is, for example, '\(form)'.")
    }

    static func wrongTime(_ word: String) -> Self {
        Self(.wrongTime, "'\(word)' is no time of day: 00:00 to 23:59 is expected.")
    }

    static func wrongDate(_ word: String) -> Self {
        let years = CivilDate.allowedYears
        return Self(
            .wrongDate,
            "'\(word)' is no day: year-month-day is expected, as 2026-12-01, in the years \(years.lowerBound) to \(years.upperBound)."
        )
    }

    static let wrongInterval = Self(
        .wrongInterval,
        "the interval of a schedule is 1m to 366d in whole minutes, written as 15m, 6h, 2d or 1h30m.")

    static let noDays = Self(.wrongDay, "a weekly schedule has at least one day of the week.")

    static func wrongDay(_ word: String) -> Self {
        let days = Weekday.allCases.map(\.short).joined(separator: ", ")
        return Self(.wrongDay, "'\(word)' is no day of the week: \(days) are, with commas and without spaces between them.")
    }

    static func wrongMonthDay(_ word: String) -> Self {
        Self(
            .wrongMonthDay,
            "'\(word)' is no day of a month: 1 to 31 is expected; where a month is shorter, its last day is taken.")
    }

    static let wrongRandomDelay = Self(.wrongRandomDelay, "the random delay of a task is 0s to 24h, in whole seconds.")

    static let wrongStopAfter = Self(
        .wrongStopAfter, "a task is stopped after 1m to 7d, in whole seconds, or not at all.")
}
