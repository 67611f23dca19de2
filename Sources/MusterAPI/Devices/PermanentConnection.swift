package import MusterModel

/// *Do not disconnect from the Administration Server*, as it stands for one device.
package struct PermanentConnection: Codable, Sendable, Hashable {
    package enum State: String, Codable, Sendable, Hashable, CaseIterable {
        /// The box is not ticked.
        case off
        /// Ticked, and no synchronization was completed since.
        case waiting
        /// The connection is open and stays so.
        case inForce
        /// In force before, and not connected now.
        case lost
    }

    package var state: State
    /// When the box was ticked.
    package var since: Timestamp?
    /// While it is waited for: when the device is due.
    package var expected: Timestamp?

    package init(state: State, since: Timestamp? = nil, expected: Timestamp? = nil) {
        self.state = state
        self.since = since
        self.expected = expected
    }
}

/// How many permanent connections there are, of how many.
package struct PermanentConnectionUse: Codable, Sendable, Hashable {
    /// Devices with the box ticked.
    package var ticked: Int64
    /// Of those, connected now with the connection in force.
    package var connected: Int64
    package var limit: Int64

    package init(ticked: Int64, connected: Int64, limit: Int64) {
        self.ticked = ticked
        self.connected = connected
        self.limit = limit
    }
}

/// The limit of permanent connections and the revision of that setting (also the `ETag`).
package struct PermanentConnectionLimitSetting: Codable, Sendable, Hashable {
    package var limit: Int64
    package var revision: Int64

    package init(limit: Int64, revision: Int64) {
        self.limit = limit
        self.revision = revision
    }
}

/// `PUT /settings/permanent-connections.limit`.
package struct SetPermanentConnectionLimit: ChangeRequest {
    package var limit: Int64

    package init(limit: Int64) { self.limit = limit }

    package enum CodingKeys: String, CodingKey, CaseIterable { case limit }
    package static let members = CodingKeys.allCases.map(\.rawValue)
}
