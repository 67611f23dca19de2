import Testing

@testable import MusterServer

/// When memory is given back.
struct TrimRuleTests {
    private typealias Order = TrimRule.Order

    private func orders(_ uses: [UInt64]) -> [Order] {
        var rule = TrimRule()
        return uses.map { rule.periodEnded(uses: $0) }
    }

    @Test func aBurstIsTrimmedWhileItLastsAndAllIsGivenBackAtItsEnd() {
        #expect(
            orders([0, 200, 150, 60, 199, 0, 0]) == [.nothing, .trim, .nothing, .trim, .nothing, .releaseCachesAndTrim, .nothing])
    }

    @Test func fewUsesAddUpAndAreNoBurstBeforeTheyAreWorthATrim() {
        #expect(orders([199, 0, 0, 1, 19, 0]) == [.nothing, .nothing, .nothing, .trim, .releaseCachesAndTrim, .nothing])
    }

    @Test func aBurstGoesOnWhileATenthOfItComes() {
        #expect(orders([200, 20, 20, 19]) == [.trim, .nothing, .nothing, .releaseCachesAndTrim])
    }

    @Test func countsPastTheLargestNumber() {
        #expect(orders([.max, .max]) == [.trim, .trim])
    }
}
