import Foundation

/// Chance that can be had again: `MUSTER_SEED=… swift test …` repeats a run whose seed was printed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(printedFor day: String) {
        let wanted = ProcessInfo.processInfo.environment["MUSTER_SEED"].flatMap { UInt64($0) }
        state = wanted ?? .random(in: 0 ... .max)
        print("\(day): MUSTER_SEED=\(state)")
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Waits for a moment of chance.
    mutating func pause(_ milliseconds: ClosedRange<Int>) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: milliseconds, using: &self)))
    }
}
