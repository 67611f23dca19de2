package import MusterModel

/// What a person ordered.
package struct ActionOrderRecord: Hashable, Sendable {
    package var id: ActionOrderID
    package var kind: ActionKind
    package var subject: ActionSubject
    package var created: Timestamp
    /// Devices that have not accepted it by then do not do it.
    package var expires: Timestamp
    package var principal: AuditPrincipal
    package var cancelled: Timestamp?
    /// How many devices are how far.
    package var counts: [ActionProgress: Int64] = [:]

    package init(
        id: ActionOrderID, kind: ActionKind, subject: ActionSubject = .none, created: Timestamp, expires: Timestamp,
        principal: AuditPrincipal
    ) {
        self.id = id
        self.kind = kind
        self.subject = subject
        self.created = created
        self.expires = expires
        self.principal = principal
    }
}

extension ActionOrderRecord {
    package var cursor: CreationCursor<ActionOrderEntity> { CreationCursor(created: created, id: id) }

    /// An action that its device has not begun may go on for another order: for this one it is over.
    func progress(of progress: ActionProgress, now: Timestamp) -> ActionProgress {
        guard progress == .pending || progress == .sent else { return progress }
        if cancelled != nil { return .cancelled }
        return expires <= now ? .expired : progress
    }
}

extension ActionRecord {
    /// How far it is for one of the orders that share it.
    func seen(by order: ActionOrderRecord, now: Timestamp) -> ActionRecord {
        var seen = self
        seen.progress = order.progress(of: progress, now: now)
        if seen.progress != progress { seen.ended = order.cancelled ?? order.expires }
        return seen
    }
}

/// An action of one device.
package struct ActionRecord: Hashable, Sendable {
    package var id: ActionID
    package var device: DeviceID
    package var deviceName: String
    package var kind: ActionKind
    package var subject = ActionSubject.none
    package var progress: ActionProgress
    package var reach: ActionReach?
    package var created: Timestamp
    package var expires: Timestamp
    package var sent: Timestamp?
    package var accepted: Timestamp?
    package var ended: Timestamp?
    /// Why it failed; empty otherwise.
    package var code: String
    package var text: String
}

/// How the device was reached, or will be.
package struct ActionReach: Hashable, Sendable {
    package var route: ActionRoute
    /// From the connection request to the device's connection.
    package var connectedAfter: Duration?

    package init(_ route: ActionRoute, connectedAfter: Duration? = nil) {
        self.route = route
        self.connectedAfter = connectedAfter
    }
}

/// A change of an action that is written down with others.
package struct ActionMark: Hashable, Sendable {
    package var id: ActionID
    /// Set when it was said to the device.
    package var sent: Timestamp?
    package var reach: ActionReach

    package init(id: ActionID, sent: Timestamp?, reach: ActionReach) {
        self.id = id
        self.sent = sent
        self.reach = reach
    }
}
