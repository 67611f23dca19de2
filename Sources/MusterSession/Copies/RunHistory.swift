/// Which runs of an agent came as one device, and which of them the device is: tells a machine that was copied from one that started anew,
/// lost its connection, or was put back to an earlier copy of itself. A value in the device's entry; it holds no clock and sends nothing.
///
/// Each agent process draws a run id. One device has one run at a time: a restart draws a new one and the old one is over. So a run that
/// comes again after another one shows only that it is still there (a machine put back with its memory does that, once); when the other
/// comes again after that, both are there, and the one that came first to be known is the device. The other is refused from then on.
package struct RunHistory: Hashable, Sendable {
    /// Runs kept: a copy would have to start eight times between two synchronizations of the original to be taken for it. 64 bytes.
    package static let kept = 8

    /// In the order in which they were first seen.
    package private(set) var runs: [UInt64]
    /// The one that was served last; nil: any may come.
    package private(set) var current: UInt64?
    /// The highest session number that a device has shown to have kept: it said something after Welcome. A state that knows less is an
    /// older copy.
    package private(set) var proven: UInt64
    /// Two runs were seen to be there at once; until an administrator says that it was one device.
    package private(set) var isCopied: Bool

    package init(runs: [UInt64] = [], current: UInt64? = nil, proven: UInt64 = 0, isCopied: Bool = false) {
        self.runs = Array(runs.suffix(Self.kept))
        self.current = current
        self.proven = proven
        self.isCopied = isCopied
    }

    /// Who says Hello.
    package struct Comer: Hashable, Sendable {
        package var run: UInt64
        /// The number of its last session, as it says.
        package var session: UInt64

        package init(run: UInt64, session: UInt64) {
            self.run = run
            self.session = session
        }
    }

    /// The open session of the device.
    package enum Other: Hashable, Sendable {
        /// None, or it was pinged and silent for `patience`.
        case none
        case open(run: UInt64)
        /// It answered a ping after this Hello came.
        case answered(run: UInt64)
    }

    package enum Verdict: Hashable, Sendable {
        /// Served; an older session of the device is over.
        case served
        /// Served, and the run of the open session is the copy.
        case servedInsteadOfCopy
        /// Ping the open session, and judge again.
        case ask
        /// A copy of the device: refused, and nothing that is stored changes.
        case copy
    }

    /// How long the open session may take to answer. Less than any agent waits for Welcome.
    package static let patience = Duration.seconds(5)

    /// A Hello whose certificate is in order. Remembers it when it is served.
    package mutating func judge(_ comer: Comer, beside other: Other) -> Verdict {
        let verdict = verdict(comer, beside: other)
        switch verdict {
        case .ask: break
        case .copy: isCopied = true
        case .served: take(comer.run)
        case .servedInsteadOfCopy:
            isCopied = true
            take(comer.run)
        }
        return verdict
    }

    private func verdict(_ comer: Comer, beside other: Other) -> Verdict {
        switch other {
        case .open(let run) where run == comer.run && comer.session >= proven: return .served
        case .open: return .ask
        // A machine copied with its memory goes on with the run id, and with a state that the other has left behind.
        case .answered(let run) where run == comer.run: return comer.session >= proven ? .served : .copy
        case .answered(let run): return isKnownBefore(comer.run, run) ? .servedInsteadOfCopy : .copy
        case .none: return verdict(comer)
        }
    }

    /// Nobody of the device is connected.
    private func verdict(_ comer: Comer) -> Verdict {
        guard let current, comer.run != current else { return .served }
        guard runs.contains(comer.run) else {
            // A start from the newest state, or from an older one: a snapshot put back, unless there are known to be two.
            return comer.session >= proven || !isCopied ? .served : .copy
        }
        return isKnownBefore(comer.run, current) ? .served : .copy
    }

    private func isKnownBefore(_ run: UInt64, _ other: UInt64) -> Bool {
        guard let place = runs.firstIndex(of: run), let otherPlace = runs.firstIndex(of: other) else { return false }
        return place < otherPlace
    }

    private mutating func take(_ run: UInt64) {
        current = run
        guard !runs.contains(run) else { return }
        runs.append(run)
        if runs.count > Self.kept { runs.removeFirst() }
    }

    /// The device said something in this session after Welcome, so that it has kept its number.
    package mutating func proved(_ session: UInt64) { proven = max(proven, session) }

    /// Something outside of this value showed that there are two.
    package mutating func copyFound() { isCopied = true }

    /// It was one device: whoever comes next is it.
    package mutating func forget() { self = RunHistory(proven: proven) }
}
