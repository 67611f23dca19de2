package import MusterModel

/// What a person ordered, and how many devices are how far.
package struct ActionOrderEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: ActionOrderID
    /// `synchronize`.
    package var kind: String
    package var created: Timestamp
    /// A device that has not accepted it by then does not do it.
    package var expires: Timestamp
    /// All its devices.
    package var total: Int64
    /// By how far they are: `pending`, `sent`, `accepted`, `done`, `failed`, `expired`, `cancelled`. None: absent.
    package var counts: [String: Int64]

    package init(
        id: ActionOrderID, kind: String, created: Timestamp, expires: Timestamp, total: Int64, counts: [String: Int64]
    ) {
        self.id = id
        self.kind = kind
        self.created = created
        self.expires = expires
        self.total = total
        self.counts = counts
    }
}

/// An action of one device.
package struct ActionEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: ActionID
    package var device: DeviceID
    package var deviceName: String
    package var kind: String
    package var progress: String
    /// How the device was reached, or will be: `connection`, `connectionRequest`, `synchronization`, `noAnswer`. Absent: not decided yet.
    package var route: String?
    /// From the connection request to the device's connection, milliseconds.
    package var connectedAfterMilliseconds: Int64?
    /// While it waits: when the device is due.
    package var nextSynchronization: Timestamp?
    /// While it waits: the device's connection state, and whether *Do not disconnect* is ticked.
    package var connectionState: String?
    package var permanentConnection: Bool?
    package var created: Timestamp
    package var sent: Timestamp?
    package var accepted: Timestamp?
    package var ended: Timestamp?
    /// Why it failed: a code.
    package var code: String?
    package var text: String?

    package init(
        id: ActionID, device: DeviceID, deviceName: String, kind: String, progress: String, route: String? = nil,
        connectedAfterMilliseconds: Int64? = nil, nextSynchronization: Timestamp? = nil, created: Timestamp,
        sent: Timestamp? = nil,
        accepted: Timestamp? = nil, ended: Timestamp? = nil, code: String? = nil, text: String? = nil
    ) {
        self.id = id
        self.device = device
        self.deviceName = deviceName
        self.kind = kind
        self.progress = progress
        self.route = route
        self.connectedAfterMilliseconds = connectedAfterMilliseconds
        self.nextSynchronization = nextSynchronization
        self.created = created
        self.sent = sent
        self.accepted = accepted
        self.ended = ended
        self.code = code
        self.text = text
    }
}

/// `POST /actions`: for the devices named, or for all there are.
package struct OrderAction: ChangeRequest {
    package var kind: String
    package var devices: [DeviceID]?
    package var all: Bool?
    /// A device expression: those it holds for now.
    package var filter: String?
    /// The id or name of a device selection: those it gives now; with `filter`, those that are in both.
    package var selection: String?
    /// How long devices that are away have to accept it; 7 days unless said otherwise.
    package var expiresAfterSeconds: Int64?

    package init(
        kind: String, devices: [DeviceID]? = nil, all: Bool? = nil, filter: String? = nil, selection: String? = nil,
        expiresAfterSeconds: Int64? = nil
    ) {
        self.kind = kind
        self.devices = devices
        self.all = all
        self.filter = filter
        self.selection = selection
        self.expiresAfterSeconds = expiresAfterSeconds
    }

    package enum CodingKeys: String, CodingKey, CaseIterable { case kind, devices, all, filter, selection, expiresAfterSeconds }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    package static let standardSeconds: Int64 = 7 * 86400
    package static let allowedSeconds: ClosedRange<Int64> = 1...31_536_000
    /// Devices named in one request; for more there is `all`.
    package static let maximumDevices = 10_000
}
