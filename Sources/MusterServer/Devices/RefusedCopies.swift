import MusterModel
import MusterSession
import MusterStore

/// Machines that came with the identity of a device and were refused: what is shown to whoever has to decide, and what was decided.
///
/// Memory: 16 machines of about 100 bytes, for copied devices alone.
struct RefusedCopies: Sendable {
    /// Shown for each device: the last ones.
    static let kept = 16

    /// The newest last.
    private(set) var machines: [RefusedMachine] = []
    /// Until when those that are refused get an identity of their own.
    var splitUntil: Timestamp?
    /// Came with a certificate older than the newest that was used, and when: by itself it may be a snapshot put back.
    private var outdated: (run: UInt64, at: Timestamp)?

    mutating func refused(_ run: UInt64, from address: String, now: Timestamp) {
        machines.removeAll { $0.run == run }
        machines.append(RefusedMachine(run: run, address: address, last: now))
        if machines.count > Self.kept { machines.removeFirst() }
    }

    /// A run comes with an older certificate. - Parameter heard: when the device was served last, with a newer one.
    /// - Returns: whether it came before that already: then both are there.
    mutating func cameOutdated(_ run: UInt64, heard: Timestamp?, now: Timestamp) -> Bool {
        if let outdated, outdated.run == run { return heard.map { $0 > outdated.at } ?? false }
        outdated = (run, now)
        return false
    }
}

extension RunHistory {
    /// As the database has it.
    init(_ record: DeviceRecord) {
        let copies = record.copies
        self.init(
            runs: copies.runs, current: copies.runs.isEmpty ? nil : record.runID, proven: copies.provenSession,
            isCopied: copies.since != nil)
    }
}
