/// A day of the calendar, wherever it is that day.
package struct CivilDate: Hashable, Sendable {
    /// What people may write: instants begin with 1970, and a year has four digits.
    package static let allowedYears = 1970...9999

    package let year: Int
    /// From 1.
    package let month: Int
    /// From 1.
    package let day: Int

    /// Nil for a day that no calendar has, and outside of `allowedYears`.
    package init?(year: Int, month: Int, day: Int) {
        guard Self.allowedYears.contains(year), (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day)
        else { return nil }
        self.init(unchecked: year, month, day)
    }

    private init(unchecked year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }
}

/// Days by number: 1970-01-01 is 0. Any number of days that milliseconds in 64 bits can reach (±10¹¹) is far from overflow.
extension CivilDate {
    /// In 400 years.
    private static let daysOfCycle: Int64 = 146_097
    private static let cumulatedDays = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

    init(dayNumber: Int64) {
        // Too late by a year at most: years differ by a day from their mean.
        let days = dayNumber + Self.number(ofFirstDayOf: 1970, from: 1)
        var year = Int((days * 400).floored(by: Self.daysOfCycle).quotient) + 2
        while Self.number(ofFirstDayOf: year) > dayNumber { year -= 1 }
        var rest = Int(dayNumber - Self.number(ofFirstDayOf: year))
        var month = 1
        while rest >= Self.days(inMonth: month, of: year) {
            rest -= Self.days(inMonth: month, of: year)
            month += 1
        }
        self.init(unchecked: year, month, rest + 1)
    }

    /// This day in the month, or the month's last when it is shorter.
    init(year: Int, month: Int, lastUpTo day: Int) {
        self.init(unchecked: year, month, min(day, Self.days(inMonth: month, of: year)))
    }

    var dayNumber: Int64 {
        let afterFebruary = month > 2 && Self.isLeap(year) ? 1 : 0
        return Self.number(ofFirstDayOf: year) + Int64(Self.cumulatedDays[month - 1] + afterFebruary + day - 1)
    }

    var weekday: Weekday { Weekday(dayNumber: dayNumber) }

    static func isLeap(_ year: Int) -> Bool { year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) }

    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func number(ofFirstDayOf year: Int) -> Int64 { number(ofFirstDayOf: year, from: 1970) }

    private static func number(ofFirstDayOf year: Int, from first: Int) -> Int64 { days(before: year) - days(before: first) }

    /// From the first day of year 1.
    private static func days(before year: Int) -> Int64 {
        let years = Int64(year) - 1
        return years * 365 + years.floored(by: 4).quotient - years.floored(by: 100).quotient + years.floored(by: 400).quotient
    }
}

extension CivilDate: CustomStringConvertible, LosslessStringConvertible {
    /// - Parameter description: `2026-12-01`.
    package init?(_ description: String) {
        let parts = description.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], let year = parts[0].digits, let month = parts[1].digits,
            let day = parts[2].digits
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    package var description: String { "\(year)-\(month.twoDigits)-\(day.twoDigits)" }
}
