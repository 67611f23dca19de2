import MusterModel

/// What can still be read of a database that failed its check: enough of it lets a check go on. Nothing is changed, no lock is taken, and
/// what is only in the database's log is not seen.
enum SalvagedState {
    /// What a running agent has written, read beside it: nothing is changed.
    static func subject(
        _ directory: StateDirectory, besideAgent origin: CheckSubject.Origin
    ) throws(AgentError) -> CheckSubject {
        let connection = try SQLiteConnection(path: directory.databasePath)
        return CheckSubject(
            origin: origin, servers: try connection.servers(), proxy: try connection.proxy(), pins: try connection.pins(),
            identity: try connection.identity(in: directory.databasePath))
    }

    /// - Parameter failure: why the state cannot be used.
    static func subject(_ directory: StateDirectory, after failure: AgentError) -> CheckSubject {
        var subject = CheckSubject(origin: .damaged(failure.code, reason: failure.reason), servers: [], pins: [])
        guard failure.code == .stateDamaged,
            let connection = try? SQLiteConnection(path: directory.databasePath, isLeftAsItIs: true),
            let servers = try? connection.servers(), let pins = try? connection.pins(), !servers.isEmpty, !pins.isEmpty
        else { return subject }
        subject.servers = servers
        subject.pins = pins
        subject.proxy = (try? connection.proxy()) ?? nil
        subject.identity = (try? connection.identity(in: directory.databasePath)) ?? nil
        return subject
    }
}
