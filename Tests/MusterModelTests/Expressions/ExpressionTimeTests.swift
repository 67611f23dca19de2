import MusterModel
import Testing

/// When time alone makes an answer another.
@Suite("Expressions and time")
struct ExpressionTimeTests {
    private let start = Timestamp(milliseconds: 1_800_000_000_000)

    private func facts(at now: Timestamp) -> DeviceFacts {
        var facts = DeviceFacts(name: "web-1", now: now)
        facts.enrolled = start
        facts.lastConnection = start + .days(1)
        return facts
    }

    private func nextChange(_ text: String, at now: Timestamp) throws -> Timestamp? {
        try DeviceExpression(text).nextChange(for: facts(at: now))
    }

    @Test func whatAsksForNoTimeStaysAsItIs() throws {
        #expect(try nextChange("name = web-1 and state = overdue", at: start) == nil)
    }

    @Test func itIsTheNextOfTheTimesThatLieAhead() throws {
        let text = "since-enrolment > 3d or (since-connection > 1d and not since-enrolment < 1h)"
        #expect(try nextChange(text, at: start) == start + .hours(1))
        #expect(try nextChange(text, at: start + .hours(2)) == start + .days(2))
        #expect(try nextChange(text, at: start + .days(2) + .hours(1)) == start + .days(3))
        #expect(try nextChange(text, at: start + .days(4)) == nil)
    }

    @Test func whatNeverWasStaysLongAgo() throws {
        #expect(try nextChange("since-synchronization > 1h", at: start) == nil)
    }

    /// No answer changes between two of these moments, and none is passed over.
    @Test(arguments: 0..<200)
    func betweenThemNothingChanges(_ seed: UInt64) throws {
        var generator = Seeded(seed)
        let texts = (0..<3).map { _ in
            let field = ["since-enrolment", "since-connection", "since-synchronization"].randomElement(using: &generator) ?? ""
            let comparison = ["<", "<=", ">", ">="].randomElement(using: &generator) ?? ""
            return "\(field) \(comparison) \(Int.random(in: 1...100, using: &generator))m"
        }
        let expression = try DeviceExpression("\(texts[0]) and \(texts[1]) or not \(texts[2])")
        var now = start + .days(1)
        var answer = expression.matches(facts(at: now))
        var next = expression.nextChange(for: facts(at: now))
        for _ in 0..<200 {
            now = now + .minutes(1)
            if let moment = next, now > moment {
                answer = expression.matches(facts(at: now))
                next = expression.nextChange(for: facts(at: now))
            }
            guard next.map({ now != $0 }) ?? true else { continue }
            #expect(expression.matches(facts(at: now)) == answer, "\(expression) at \(now)")
        }
    }
}
