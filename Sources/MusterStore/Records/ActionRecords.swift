package import MusterModel

/// What a person ordered.
package struct ActionOrderRecord: Hashable, Sendable {
    package var id: ActionOrderID
    package var kind: ActionKind
    package var created: Timestamp
    /// Devices that have not accepted it by then do not do it.
    package var expires: Timestamp
    package var principal: AuditPrincipal
    /// How many devices are how far.
    package var counts: [ActionProgress: Int64] = [:]

    package init(id: ActionOrderID, kind: ActionKind, created: Timestamp, expires: Timestamp, principal: AuditPrincipal) {
        self.id = id
        self.kind = kind
        self.created = created
        self.expires = expires
        self.principal = principal
    }
}

/// An action of one device.
package struct ActionRecord: Hashable, Sendable {
    package var id: ActionID
    package var device: DeviceID
    package var deviceName: String
    package var kind: ActionKind
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
