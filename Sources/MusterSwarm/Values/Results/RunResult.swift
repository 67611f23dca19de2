package import MusterModel

/// What came of a run, and whether it counts.
package struct RunResult: Codable, Sendable {
    /// A rate counts as reached from here on.
    static let tolerance = 0.95

    package var options: RunOptions
    /// Before the measured time: enrolments and first synchronizations.
    package var before: Tally
    package var measured: Tally
    /// The measured time as it was.
    package var elapsed: Duration
    package var enrolled: Int
    /// Devices with a complete synchronization before the measured time.
    package var ready: Int
    /// Devices with a complete synchronization in the measured time.
    package var synchronized: Int
    /// Permanent connections that are open at the end.
    package var permanent: Int
    /// Events not acknowledged at the end.
    package var unacknowledged: Int
    package var isInterrupted: Bool

    package var isValid: Bool { problems.isEmpty }

    /// Why the run does not count; empty when it does.
    package var problems: [String] {
        var problems: [String] = []
        if isInterrupted { problems.append("interrupted before the end") }
        if enrolled < options.devices {
            problems.append("\(options.devices - enrolled) of \(options.devices) devices are not enrolled")
        }
        if ready < options.devices, !isInterrupted {
            problems.append("\(options.devices - ready) devices did not synchronize before the measured time")
        }
        problems += errors.sorted { $0.key.rawValue < $1.key.rawValue }.map { reason, count in
            let text = before.errorTexts[reason] ?? measured.errorTexts[reason] ?? ""
            return "\(count) × \(reason.code)" + (text.isEmpty ? "" : ", first: \(text)")
        }
        return problems + missedRates + missedEvents
    }

    package var errors: [CloseReason: Int] { before.errors.merging(measured.errors, uniquingKeysWith: +) }

    package var seconds: Double { Double(elapsed.milliseconds) / 1000 }
    package var synchronizationsPerSecond: Double { seconds > 0 ? Double(measured.synchronizations) / seconds : 0 }
    package var eventsPerSecond: Double { seconds > 0 ? Double(measured.eventsRaised) / seconds : 0 }

    /// What the interval and the number of devices make; nil when the server says when they come.
    package var expectedSynchronizationsPerSecond: Double? {
        options.interval.map { Double(options.devices) / (Double($0.milliseconds) / 1000) }
    }

    private var missedRates: [String] {
        guard let interval = options.interval, options.duration >= interval, let expected = expectedSynchronizationsPerSecond
        else { return [] }
        var problems: [String] = []
        if synchronized < options.devices {
            problems.append("\(options.devices - synchronized) devices did not synchronize in the measured time")
        }
        // Of each device, what falls in the measured time: the last one may be cut off by its end.
        let rounds = Double(options.duration.milliseconds / interval.milliseconds)
        let least = rounds * Double(options.devices) * Self.tolerance
        if Double(measured.synchronizations) < least {
            problems.append(
                "\(synchronizationsPerSecond.text) synchronizations a second, \(expected.text) were to be reached")
        }
        return problems
    }

    private var missedEvents: [String] {
        var problems: [String] = []
        if measured.eventsDropped > 0 { problems.append("\(measured.eventsDropped) events found a full spool") }
        if unacknowledged > 0 { problems.append("\(unacknowledged) events were not acknowledged") }
        if eventsPerSecond < options.eventsPerSecond * Self.tolerance {
            problems.append("\(eventsPerSecond.text) events a second, \(options.eventsPerSecond.text) were to be reached")
        }
        return problems
    }
}

extension Double {
    /// With one digit after the point.
    var text: String {
        let tenths = Int64((self * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
