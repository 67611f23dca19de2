import MusterSwarm
import Testing

struct HistogramTests {
    @Test func saysWhatWasNotExceeded() throws {
        var histogram = Histogram()
        for milliseconds in 1...100 { histogram.record(.milliseconds(milliseconds)) }
        let p50 = try #require(histogram.percentile(0.5))
        let p99 = try #require(histogram.percentile(0.99))
        #expect((.milliseconds(50) ... .milliseconds(53.2)).contains(p50))
        #expect((.milliseconds(99) ... .milliseconds(100)).contains(p99))
        #expect(histogram.percentile(1) == .milliseconds(100))
        #expect(histogram.maximum == .milliseconds(100))
        #expect(histogram.count == 100)
    }

    @Test func hasNothingToSayOfNothing() { #expect(Histogram().percentile(0.5) == nil) }

    @Test func isNeverMoreThanASixteenthTooHigh() throws {
        for microseconds in [1, 2, 3, 15, 16, 17, 1000, 4095, 4096, 1_000_003, 3_599_000_000] {
            var histogram = Histogram()
            let duration = Duration.microseconds(microseconds)
            histogram.record(duration)
            histogram.record(.seconds(4000))
            let said = try #require(histogram.percentile(0.5))
            #expect(said >= duration)
            #expect(said <= duration + duration / 16 + .microseconds(1))
        }
    }

    @Test func takesWhatIsOutOfRange() {
        var histogram = Histogram()
        histogram.record(.seconds(-1))
        histogram.record(.seconds(1_000_000))
        #expect(histogram.count == 2)
        #expect(histogram.maximum == .seconds(1_000_000))
    }

    @Test func addsUp() {
        var first = Histogram()
        var second = Histogram()
        first.record(.milliseconds(1))
        second.record(.milliseconds(3))
        first.merge(second)
        #expect(first.count == 2)
        #expect(first.maximum == .milliseconds(3))
    }
}
