/// As people write it: `daily 03:00`.
extension TaskSchedule: CustomStringConvertible {
    /// The longest there is, all weekdays by their full names, has 74.
    package static let maximumBytes = 128

    /// The first word of each kind, and what follows it.
    private enum Word: String, CaseIterable {
        case manual
        case agentStart = "agent-start"
        case once, every, daily, weekly, monthly

        var form: String {
            switch self {
            case .manual, .agentStart: rawValue
            case .once: "once 2026-12-01 03:00"
            case .every: "every 15m"
            case .daily: "daily 03:00"
            case .weekly: "weekly mon,thu 22:15"
            case .monthly: "monthly 31 04:00"
            }
        }

        /// With itself.
        var wordCount: Int { form.split(separator: " ").count }
    }

    /// Every form, for people.
    static let forms = Word.allCases.map { "'\($0.form)'" }.joined(separator: ", ")

    /// What each begins with.
    static var words: [String] { Word.allCases.map(\.rawValue) }

    package init(_ text: String) throws(TaskScheduleError) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
        let words = text.split { $0 == " " || $0 == "\t" }.map { $0.lowercased() }
        guard let first = words.first else { throw .empty }
        guard let word = Word(rawValue: first) else { throw .unknownWord(first, among: Self.words) }
        guard words.count == word.wordCount else { throw .wrongForm(text, word.form) }
        try self.init(try Self.kind(word, words))
    }

    /// - Parameter words: as many as the form has.
    private static func kind(_ word: Word, _ words: [String]) throws(TaskScheduleError) -> Kind {
        switch word {
        case .manual: return .manually
        case .agentStart: return .atAgentStart
        case .once:
            guard let date = CivilDate(words[1]) else { throw .wrongDate(words[1]) }
            return .once(LocalTime(date: date, time: try time(words[2])))
        case .every:
            guard let interval = Duration(text: words[1]) else { throw .wrongInterval }
            return .every(interval)
        case .daily: return .daily(try time(words[1]))
        case .weekly: return .weekly(try days(words[1]), try time(words[2]))
        case .monthly:
            guard let day = words[1].digits else { throw .wrongMonthDay(words[1]) }
            return .monthly(day: day, try time(words[2]))
        }
    }

    private static func time(_ word: String) throws(TaskScheduleError) -> TimeOfDay {
        guard let time = TimeOfDay(word) else { throw .wrongTime(word) }
        return time
    }

    private static func days(_ list: String) throws(TaskScheduleError) -> Set<Weekday> {
        var days: Set<Weekday> = []
        for word in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let day = Weekday(word: word) else { throw .wrongDay(String(word)) }
            days.insert(day)
        }
        return days
    }

    /// The form `init(_:)` reads.
    package var description: String {
        switch kind {
        case .manually: return Word.manual.rawValue
        case .atAgentStart: return Word.agentStart.rawValue
        case .once(let time): return "\(Word.once) \(time)"
        case .every(let interval): return "\(Word.every) \(interval.text)"
        case .daily(let time): return "\(Word.daily) \(time)"
        case .weekly(let days, let time):
            let names = Weekday.allCases.filter(days.contains).map(\.short).joined(separator: ",")
            return "\(Word.weekly) \(names) \(time)"
        case .monthly(let day, let time): return "\(Word.monthly) \(day) \(time)"
        }
    }
}
