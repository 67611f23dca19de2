import Testing

@testable import MusterModel

@Suite("What holds of all expressions")
struct ExpressionPropertyTests {
    @Test("written and read again, an expression means the same", arguments: 0..<20 as Range<UInt64>)
    func meaning(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<40 {
            let tree = RandomExpression(depth: 4, &random)
            let text = tree.text(&random)
            let expression = try DeviceExpression(text)
            for _ in 0..<8 {
                let facts = DeviceFacts(&random)
                #expect(try expression.matches(facts) == tree.holds(for: facts), "\(text)")
            }
        }
    }

    @Test("De Morgan", arguments: 0..<20 as Range<UInt64>)
    func deMorgan(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<40 {
            let left = RandomExpression(depth: 2, &random).text(&random)
            let right = RandomExpression(depth: 2, &random).text(&random)
            let facts = DeviceFacts(&random)
            #expect(
                try facts.matches("not ((\(left)) and (\(right)))") == facts.matches("not (\(left)) or not (\(right))"),
                "\(left) / \(right)")
            #expect(
                try facts.matches("not ((\(left)) or (\(right)))") == facts.matches("not (\(left)) and not (\(right))"),
                "\(left) / \(right)")
        }
    }

    @Test("all of several holds where each does", arguments: 0..<20 as Range<UInt64>)
    func conjunction(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<20 {
            let parts = try (0..<3).map { _ in try DeviceExpression(RandomExpression(depth: 2, &random).text(&random)) }
            let whole = try #require(try DeviceExpression.all(parts))
            for _ in 0..<8 {
                let facts = DeviceFacts(&random)
                #expect(whole.matches(facts) == parts.allSatisfy { $0.matches(facts) }, "\(whole)")
            }
        }
    }

    @Test("a pattern without * and ? is the text itself", arguments: 0..<20 as Range<UInt64>)
    func patterns(seed: UInt64) throws {
        var random = Seeded(seed)
        func text(_ random: inout Seeded) -> String {
            String(
                (0..<random.below(4)).map { _ in random.oneOf(["a", "A", "b", "é", "e\u{301}", "\u{301}", " "]) as Character })
        }
        for _ in 0..<200 {
            let (value, name) = (text(&random), text(&random))
            let facts = DeviceFacts(name: name, now: DeviceFacts.office.now)
            let isEqual = try DeviceExpression(.name, .equal, value).matches(facts)
            #expect(try DeviceExpression(.name, .matches, value).matches(facts) == isEqual, "\(value) \(name)")
            #expect(try DeviceExpression(.name, .notEqual, value).matches(facts) == !isEqual, "\(value) \(name)")
        }
    }

    @Test("no bytes whatever trap, and each refusal points into the text", arguments: 0..<20 as Range<UInt64>)
    func garbage(seed: UInt64) throws {
        var random = Seeded(seed)
        let pieces = [
            "(", ")", "not ", "and ", "or ", "name ", "installed ", "group ", "under ", "= ", "!=", "<", "~ ", "\"", "\\", "a",
            "*",
            "/", "10.0.0.0/8", "3d", "ok", "\u{301}", "\0", "\u{FEFF}", "\r\n", "é", "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        ]
        for round in 0..<400 {
            let text =
                round.isMultiple(of: 2)
                ? String(decoding: (0..<random.below(60)).map { _ in UInt8.random(in: 0...255, using: &random) }, as: UTF8.self)
                : (0..<random.below(20)).map { _ in random.oneOf(pieces) }.joined()
            guard let error = refusal(text) else { continue }
            #expect((1...text.unicodeScalars.count + 1).contains(error.column), "\(text) \(error)")
            #expect(!error.reason.isEmpty && error.found.unicodeScalars.count <= 33, "\(text)")
        }
    }
}
