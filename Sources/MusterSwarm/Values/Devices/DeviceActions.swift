import MusterModel
import MusterSession

/// The actions of one simulated device, as a real one has them on its disk: from accepting one until the server has stored its end.
struct DeviceActions: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        var report: ActionReport
        /// On the run's clock.
        var accepted: Duration
    }

    private var entries: [ActionID: Entry] = [:]

    /// What a session begins with.
    var reports: [ActionReport] { entries.values.map(\.report).sorted { $0.id < $1.id } }

    /// - Returns: how far it is, and whether it is new; one that is known is answered with its state. A run of a task goes on by itself.
    mutating func accept(_ order: ActionOrder, time: Timestamp, now: Duration) -> (report: ActionReport, isNew: Bool) {
        if let known = entries[order.id] { return (known.report, false) }
        let isSynchronization = order.kind == ActionKind.synchronize.rawValue
        let report = ActionReport(id: order.id, progress: isSynchronization ? .accepted : .done, time: time)
        entries[order.id] = Entry(report: report, accepted: now)
        return (report, true)
    }

    mutating func finish(_ id: ActionID, time: Timestamp) -> ActionReport {
        let report = ActionReport(id: id, progress: .done, time: time)
        entries[id]?.report = report
        return report
    }

    /// - Returns: how long it took from being accepted; nil for one that is not known.
    mutating func forget(_ id: ActionID, now: Duration) -> Duration? {
        entries.removeValue(forKey: id).map { now - $0.accepted }
    }
}
