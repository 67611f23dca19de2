package import MusterModel

/// What is known of copies of a device: machines that come with its identity.
package struct DeviceCopies: Hashable, Sendable {
    /// In the order in which they were first seen.
    package var runs: [UInt64]
    /// The highest session number the device has shown to have kept.
    package var provenSession: UInt64
    /// Since when two are known to be there; nil: they are not.
    package var since: Timestamp?
    /// Until when those that are refused enrol as devices of their own.
    package var splitUntil: Timestamp?

    package init(
        runs: [UInt64] = [], provenSession: UInt64 = 0, since: Timestamp? = nil, splitUntil: Timestamp? = nil
    ) {
        self.runs = runs
        self.provenSession = provenSession
        self.since = since
        self.splitUntil = splitUntil
    }

    /// 8 bytes each, big-endian.
    static func bytes(of runs: [UInt64]) -> [UInt8] {
        runs.flatMap { run in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: run >> UInt64($0)) } }
    }

    /// Bytes past the last whole one are left out.
    static func runs(in bytes: [UInt8]) -> [UInt64] {
        (0..<bytes.count / 8).map { place in bytes[place * 8..<place * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
