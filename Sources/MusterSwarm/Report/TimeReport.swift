/// Percentiles of a duration, in milliseconds.
package struct TimeReport: Codable, Hashable, Sendable {
    package var count: UInt64
    package var p50Milliseconds: Double
    package var p99Milliseconds: Double
    package var maximumMilliseconds: Double

    package init(_ histogram: Histogram) {
        count = histogram.count
        p50Milliseconds = Self.milliseconds(histogram.percentile(0.5))
        p99Milliseconds = Self.milliseconds(histogram.percentile(0.99))
        maximumMilliseconds = Self.milliseconds(histogram.maximum)
    }

    /// To a hundredth.
    private static func milliseconds(_ duration: Duration?) -> Double {
        (Double(duration?.nanoseconds ?? 0) / 10_000).rounded() / 100
    }

    package var text: String {
        count == 0 ? "none" : "p50 \(p50Milliseconds.text) ms, p99 \(p99Milliseconds.text) ms, max \(maximumMilliseconds.text) ms"
    }
}
