import MusterModel

/// What can be put together from the parts that several processes bring.
package protocol MergeableResult: Codable, Sendable {
    mutating func merge(_ other: Self)
}

extension RunResult: MergeableResult {
    package mutating func merge(_ other: RunResult) {
        options.devices += other.options.devices
        options.eventsPerSecond += other.options.eventsPerSecond
        before.merge(other.before)
        measured.merge(other.measured)
        elapsed = max(elapsed, other.elapsed)
        enrolled += other.enrolled
        ready += other.ready
        synchronized += other.synchronized
        permanent += other.permanent
        unacknowledged += other.unacknowledged
        isInterrupted = isInterrupted || other.isInterrupted
    }
}

extension RestartResult: MergeableResult {
    package mutating func merge(_ other: RestartResult) {
        devices += other.devices
        synchronized += other.synchronized
        permanent += other.permanent
        isRestarted = isRestarted && other.isRestarted
        returns = (returns + other.returns).sorted()
        tally.merge(other.tally)
        isInterrupted = isInterrupted || other.isInterrupted
    }
}

/// By its number, as on the wire.
extension CloseReason: Codable {}
