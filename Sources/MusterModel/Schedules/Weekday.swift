/// A day of the week; a week begins on Monday.
package enum Weekday: Int, Hashable, Sendable, CaseIterable {
    case monday, tuesday, wednesday, thursday, friday, saturday, sunday

    /// - Parameter dayNumber: 0 is 1970-01-01, a Thursday.
    init(dayNumber: Int64) {
        let days = Int((dayNumber + Int64(Self.thursday.rawValue)).floored(by: 7).remainder)
        self = Self.allCases[days]
    }

    private static let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    private var name: String { Self.names[rawValue] }

    /// The three letters it is written with: `mon`.
    package var short: String { String(name.prefix(3)) }

    /// - Parameter word: three letters, or all of them.
    init?(word: some StringProtocol) {
        guard let day = Self.allCases.first(where: { $0.name == word || $0.short == word }) else { return nil }
        self = day
    }
}
