import MusterModel

/// How dropped events become gaps, and gaps one another: rules only.
extension NumberedEvent {
    /// Itself as a gap.
    var asGap: NumberedEvent {
        guard case .event(let event) = content else { return self }
        var gap = self
        gap.content = .gap(EventGap(counts: [event.severity: 1], from: event.occurred, to: event.occurred))
        return gap
    }

    /// This gap and the one that follows it at once, as one. Nil when they are not gaps or do not touch.
    /// Where the two stood before a roll-back is kept only when they touched there too.
    func merged(with next: NumberedEvent) -> NumberedEvent? {
        guard case .gap(let gap) = content, case .gap(let other) = next.content,
            first.epoch == next.first.epoch, next.first.number == last &+ 1
        else { return nil }
        var merged = self
        merged.count += next.count
        merged.stamp = next.stamp
        merged.content = .gap(
            EventGap(counts: gap.counts.merging(other.counts) { $0 &+ $1 }, from: gap.from, to: other.to))
        merged.formerly = formerly.filter { place in
            next.formerly.contains(EventSequence(epoch: place.epoch, number: place.number &+ count))
        }
        return merged
    }

    /// What is left of a gap when its numbers up to `through` are stored at the server as what they were: they were sent before
    /// they were dropped, and the answer was lost. Which severities they had is not known any more; the least severe are taken off.
    func remainder(after through: UInt64) -> NumberedEvent? {
        guard case .gap(var gap) = content, through >= first.number, through < last else { return nil }
        let taken = through - first.number + 1
        var rest = taken
        for severity in Severity.allCases {
            let off = min(rest, gap.counts[severity] ?? 0)
            gap.counts[severity] = (gap.counts[severity] ?? 0) - off
            rest -= off
        }
        gap.counts = gap.counts.filter { $0.value > 0 }
        var left = self
        left.first.number = through + 1
        left.count = count - taken
        left.content = .gap(gap)
        left.formerly = formerly.map { EventSequence(epoch: $0.epoch, number: $0.number &+ taken) }
        return left
    }
}
