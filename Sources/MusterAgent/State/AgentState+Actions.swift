import MusterModel
import MusterSession

/// Actions the server ordered: written down before they are accepted, so that one that comes again is known, and forgotten when the server
/// has stored their end.
extension AgentState {
    /// Rows kept: a server forgets to say *settled* only when its database was put back.
    static let maximumActions = 256

    /// - Returns: how far it is: accepted now, or as it was before. A run of a task is written down with it, and goes its own way.
    func acceptAction(_ order: ActionOrder, under ceiling: Ceiling, now: Timestamp) throws(AgentError) -> ActionReport {
        try database.transaction { (connection) throws(AgentError) in
            if let known = try connection.actions().first(where: { $0.id == order.id }) { return known }
            let report: ActionReport
            switch ActionKind(rawValue: order.kind) {
            case .synchronize: report = ActionReport(id: order.id, progress: .accepted, time: now)
            case .runTask: report = try connection.accept(run: order, under: ceiling, now: now)
            case .stopRun: report = try connection.accept(stop: order, now: now)
            case nil:
                report = ActionReport(
                    id: order.id, progress: .failed, code: "notSupported",
                    text: "this agent knows no action of kind \(order.kind)", time: now)
            }
            try connection.run(
                "DELETE FROM action WHERE id IN (SELECT id FROM action ORDER BY time DESC, id LIMIT -1 OFFSET ?1)",
                .integer(Int64(Self.maximumActions - 1)))
            try connection.run(
                "INSERT INTO action (id, kind, progress, code, text, time) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                .bytes(order.id.bytes), .integer(Int64(order.kind)), .integer(report.progress.rawValue), .text(report.code),
                .text(report.text), .integer(now.milliseconds))
            return report
        }
    }

    func finishAction(_ id: ActionID, now: Timestamp) throws(AgentError) -> ActionReport {
        let report = ActionReport(id: id, progress: .done, time: now)
        try database.transaction { (connection) throws(AgentError) in
            try connection.run(
                "UPDATE action SET progress = ?2, time = ?3 WHERE id = ?1", .bytes(id.bytes),
                .integer(report.progress.rawValue), .integer(now.milliseconds))
        }
        return report
    }

    func forgetAction(_ id: ActionID) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try connection.run("DELETE FROM action WHERE id = ?1", .bytes(id.bytes))
        }
    }

    /// The oldest first.
    func actions() throws(AgentError) -> [ActionReport] {
        try database.read { (connection) throws(AgentError) in try connection.actions() }
    }
}

extension SQLiteConnection {
    fileprivate func actions() throws(AgentError) -> [ActionReport] {
        var found: [ActionReport] = []
        try scan("SELECT id, progress, code, text, time FROM action ORDER BY time, id") { (row) throws(AgentError) in
            if let id = ActionID(bytes: row.bytes(0)), let progress = ActionProgress(rawValue: row.integer(1)) {
                found.append(
                    ActionReport(
                        id: id, progress: progress, code: row.text(2), text: row.text(3),
                        time: Timestamp(milliseconds: row.integer(4))))
            }
            return true
        }
        return found
    }
}
