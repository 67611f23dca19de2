/// How many devices may be ticked *Do not disconnect from the Administration Server* at once.
package enum PermanentConnectionLimit {
    package static let standard: Int64 = 300
    /// As many as anyone has devices; 0 lets none be ticked any more.
    package static let allowed: ClosedRange<Int64> = 0...1_000_000

    /// From here on the administrator is warned: nine tenths.
    package static func isNearlyReached(ticked: Int64, limit: Int64) -> Bool {
        limit > 0 && ticked >= limit - limit / 10
    }
}
