/// Reads the rule at the end of a TZif file: a value of TZ as POSIX has it, with hours of a day past 24 and before 0 as RFC 9636 adds them.
struct ZoneFooterParser {
    /// Two names, two offsets and two rules; real ones have 44.
    private static let maximumBytes = 512

    private let text: String
    private var rest: Substring.UTF8View

    static func parse(_ bytes: some Collection<UInt8>) throws(ZoneFileError) -> ZoneFooter {
        let text = String(decoding: bytes.prefix(maximumBytes), as: UTF8.self)
        var parser = ZoneFooterParser(text)
        guard bytes.count <= maximumBytes else { throw parser.error("it has more than \(maximumBytes) bytes") }
        return try parser.footer()
    }

    private init(_ text: String) {
        self.text = text
        rest = text[...].utf8
    }

    private mutating func footer() throws(ZoneFileError) -> ZoneFooter {
        try skipName()
        let standard = try offset()
        guard !rest.isEmpty else { return ZoneFooter(standard: standard, summer: nil) }
        try skipName()
        let summer = rest.first == UInt8(ascii: ",") ? standard + 3600 : try offset()
        let start = try rule()
        let end = try rule()
        guard rest.isEmpty else { throw error("something follows its end") }
        return ZoneFooter(standard: standard, summer: ZoneFooter.Summer(offset: summer, start: start, end: end))
    }

    /// `CET`, or in angle brackets with digits and signs: `<+03>`.
    private mutating func skipName() throws(ZoneFileError) {
        let isQuoted = take("<")
        let name = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            default: isQuoted && (byte.isASCIILetterOrDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
            }
        }
        rest = rest.dropFirst(name.count)
        guard name.count >= 3, !isQuoted || take(">") else { throw error("a name of three letters or more is expected") }
    }

    /// As it is written: west of Greenwich is positive; given back the other way round.
    private mutating func offset() throws(ZoneFileError) -> Int64 { try -time(hours: 0...24) }

    /// `,DAY[/TIME]`, at two o'clock unless said.
    private mutating func rule() throws(ZoneFileError) -> ZoneFooter.Rule {
        guard take(",") else { throw error("a comma and a day are expected") }
        let day = try day()
        return ZoneFooter.Rule(day: day, time: take("/") ? try time(hours: 0...167) : 7200)
    }

    private mutating func day() throws(ZoneFileError) -> ZoneFooter.Day {
        if take("J") { return .julian(try number(1...365)) }
        guard take("M") else { return .ordinal(try number(0...365)) }
        let month = try number(1...12)
        guard take(".") else { throw error("'.' and a week are expected") }
        let week = try number(1...5)
        guard take(".") else { throw error("'.' and a weekday are expected") }
        return .weekday(month: month, week: week, weekday: try number(0...6))
    }

    /// `[+-]H[:MM[:SS]]`, in seconds.
    private mutating func time(hours: ClosedRange<Int>) throws(ZoneFileError) -> Int64 {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        var seconds = try number(hours) * 3600
        if take(":") {
            seconds += try number(0...59) * 60
            if take(":") { seconds += try number(0...59) }
        }
        return Int64(isNegative ? -seconds : seconds)
    }

    private mutating func number(_ allowed: ClosedRange<Int>) throws(ZoneFileError) -> Int {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let number = Substring(digits).digits, allowed.contains(number) else {
            throw error("a number from \(allowed.lowerBound) to \(allowed.upperBound) is expected")
        }
        rest = rest.dropFirst(digits.count)
        return number
    }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: sign) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private func error(_ what: String) -> ZoneFileError {
        .wrongFooter(text, "at byte \(text.utf8.count - rest.count + 1), \(what)")
    }
}
