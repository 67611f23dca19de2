/// Is the device there, and if not, why? Takes what happens to a device's connections in the order it happens, and tells its connection
/// state at any time. Of two reasons for an absence the later counts; a connection ends them all.
package struct DevicePresence: Hashable, Sendable {
    /// Why it is away, as far as anybody said.
    package enum Absence: Hashable, Sendable {
        case notice(AbsenceNotice)
        case refused(CloseReason, since: Timestamp)
    }

    /// A reboot takes less; then the usual rule holds again.
    package static let longestReboot = Duration.minutes(10)

    /// An agent has said all it says of one end by then.
    package static let sameNotice = Duration.minutes(1)

    private let enrolled: Timestamp
    private(set) package var connectedSince: Timestamp?
    /// The last authenticated connection's beginning and end.
    private(set) package var lastConnection: Timestamp?
    private(set) package var lastClosed: Timestamp?
    private(set) package var absence: Absence?
    /// By the last complete synchronization; until there is one, by the first connection.
    private var promise: SynchronizationPromise?

    /// As the database has it; nothing of a device that never connected.
    package init(
        enrolled: Timestamp, lastConnection: Timestamp? = nil, lastClosed: Timestamp? = nil, absence: Absence? = nil,
        promise: SynchronizationPromise? = nil
    ) {
        self.enrolled = enrolled
        self.lastConnection = lastConnection
        self.lastClosed = lastClosed
        self.absence = absence
        self.promise = promise
    }

    // MARK: What happens

    /// A session was opened.
    package mutating func connected(_ promise: SynchronizationPromise, now: Timestamp) {
        connectedSince = now
        lastConnection = now
        absence = nil
        if self.promise == nil { self.promise = promise }
    }

    /// A synchronization was completed.
    package mutating func synchronized(_ promise: SynchronizationPromise) { self.promise = promise }

    /// Its session has ended; not one that a newer had replaced.
    package mutating func disconnected(now: Timestamp) {
        connectedSince = nil
        lastClosed = now
    }

    /// The agent alone stops whenever the device does: what the device said itself says more. What is said twice, by the event and by the
    /// datagram, counts from the first time on.
    package mutating func noticeReceived(_ notice: AbsenceNotice) {
        if case .notice(let said) = absence {
            if notice.kind == .agentStopped, said.kind != .agentStopped { return }
            if notice.kind == said.kind, notice.time - said.time < Self.sameNotice { return }
        }
        absence = .notice(notice)
    }

    /// The agent says it has started, after what it said before.
    package mutating func agentStarted() {
        if case .notice = absence { absence = nil }
    }

    /// The device showed itself and was refused. While it is connected that was somebody else with its identity.
    package mutating func refused(_ reason: CloseReason, now: Timestamp) {
        guard connectedSince == nil else { return }
        if case .refused(reason, _) = absence { return }
        absence = .refused(reason, since: now)
    }
}

// MARK: How it stands

extension DevicePresence {
    /// - Parameter isPermanent: the device was given a permanent connection, and has heard of it.
    package func status(now: Timestamp, server: ServerAttendance, isPermanent: Bool = false) -> ConnectionStatus {
        if let connectedSince { return ConnectionStatus(.connected, since: connectedSince) }
        var status = statusOfAbsent(now: now, server: server)
        if isPermanent { status.permanentConnectionLostSince = lastClosed ?? lastConnection }
        return status
    }

    /// When its state becomes another by the passing of time alone; nil: it does not.
    package func nextChange(server: ServerAttendance) -> Timestamp? {
        guard connectedSince == nil else { return nil }
        let late = promise.map(server.deadline)
        return switch absence {
        case nil: late
        case .notice(let notice) where notice.kind == .reboot:
            max(notice.time + Self.longestReboot, late ?? notice.time)
        case .notice, .refused: nil
        }
    }

    private func statusOfAbsent(now: Timestamp, server: ServerAttendance) -> ConnectionStatus {
        switch absence {
        case .refused(let reason, let since): return ConnectionStatus(.refused, since: since, reason: reason)
        case .notice(let notice) where notice.kind == .reboot: return statusOfRebooting(notice, now: now, server: server)
        case .notice(let notice): return ConnectionStatus(ConnectionState(notice.kind), since: notice.time)
        case nil: break
        }
        guard let lastConnection, let promise else { return ConnectionStatus(.neverConnected, since: enrolled) }
        let deadline = server.deadline(of: promise)
        return now < deadline
            ? ConnectionStatus(.onSchedule, since: lastClosed ?? lastConnection) : ConnectionStatus(.overdue, since: deadline)
    }

    private func statusOfRebooting(_ notice: AbsenceNotice, now: Timestamp, server: ServerAttendance) -> ConnectionStatus {
        let limit = notice.time + Self.longestReboot
        let deadline = max(limit, promise.map(server.deadline) ?? limit)
        return now < deadline
            ? ConnectionStatus(.rebooting, since: notice.time) : ConnectionStatus(.overdue, since: deadline)
    }
}
