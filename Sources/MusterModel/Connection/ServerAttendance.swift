/// When a device is to come, as it was told, and how much later it is overdue.
package struct SynchronizationPromise: Hashable, Sendable {
    package let due: Timestamp
    /// The interval it was told by.
    package let interval: Duration
    /// When the server gave it: see `ServerAttendance.era`.
    package let era: Int
    /// From when on it is overdue, as long as the server was not away. Kept, as it is asked of the whole fleet at once.
    fileprivate let deadline: Timestamp

    package init(due: Timestamp, interval: Duration, era: Int) {
        self.due = due
        self.interval = interval
        self.era = era
        deadline = due + interval * ServerAttendance.intervalsLate
    }
}

/// When the server itself was away: down, suspended, stopped, or its clock was set. A device is not overdue for that: deadlines move
/// along, and nobody becomes overdue within one interval after it.
///
/// The server's life falls into eras, one between each two absences. A promise remembers its era, so that only absences after it count;
/// times are not compared for that, as the clock may have gone back.
package struct ServerAttendance: Hashable, Sendable {
    private struct Absence: Hashable, Sendable {
        /// The last moment the server is known to have been there, by its clock then.
        var from: Timestamp
        /// The first one after, by its clock now. Before `from` when the clock was set back.
        var to: Timestamp
    }

    /// Two intervals late is overdue.
    package static let intervalsLate = 2
    /// Beats come every 5 s: past so much more, or less than none, the server was not there or its clock was set.
    package static let unnoticed = Duration.seconds(30)
    /// One more each time the server stalls; the oldest go. A device away for longer than all these is overdue anyway.
    private static let kept = 32

    private var absences: [Absence] = []
    private var forgotten = 0
    private var lastBeat: Timestamp

    /// - Parameter lastAlive: when it was last alive before this start; nil for a new database.
    package init(started: Timestamp, lastAlive: Timestamp?) {
        lastBeat = started
        if let lastAlive { absences = [Absence(from: lastAlive, to: started)] }
    }

    /// The present one. What is read from the database belongs to era 0.
    package var era: Int { forgotten + absences.count }

    /// A moment moved by what of the server's absences lies after it: how late a device is counts the time only in which it could come.
    package func moved(_ moment: Timestamp) -> Timestamp {
        absences.reduce(moment) { moment, absence in
            guard absence.from < absence.to, moment < absence.to else { return moment }
            return moment <= absence.from ? moment + (absence.to - absence.from) : absence.to
        }
    }

    /// To be said every few seconds.
    package mutating func beat(now: Timestamp) {
        defer { lastBeat = now }
        guard now - lastBeat > Self.unnoticed || now < lastBeat else { return }
        absences.append(Absence(from: lastBeat, to: now))
        guard absences.count > Self.kept else { return }
        absences.removeFirst()
        forgotten += 1
    }

    /// From when on a device that was promised this and did not come is overdue.
    package func deadline(of promise: SynchronizationPromise) -> Timestamp {
        var deadline = promise.deadline
        guard promise.era < era else { return deadline }
        for absence in absences.dropFirst(max(0, promise.era - forgotten)) {
            let away = absence.to - absence.from
            if deadline > absence.from {
                deadline = max(deadline + away, absence.to + promise.interval)
            } else if away < .zero {
                // Overdue already: it stays so by the new clock too.
                deadline = deadline + away
            }
        }
        return deadline
    }
}
