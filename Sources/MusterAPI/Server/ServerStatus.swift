package import MusterModel

/// What the server says of itself: `GET /server/status`, `muster server status`.
package struct ServerStatus: Codable, Sendable, Hashable {
    /// The database and how much is in it.
    package struct Database: Codable, Sendable, Hashable {
        /// `sqlite` or `postgresql`.
        package var kind: String
        package var schemaVersion: Int64
        package var sizeBytes: Int64
        /// How often it was asked or changed since the start.
        package var calls: Int64

        package init(kind: String, schemaVersion: Int64, sizeBytes: Int64, calls: Int64) {
            self.kind = kind
            self.schemaVersion = schemaVersion
            self.sizeBytes = sizeBytes
            self.calls = calls
        }
    }

    package var version: String
    package var started: Timestamp
    package var uptimeSeconds: Int64
    package var database: Database
    package var devices: Int64
    /// How many devices are in each connection state that some are in, by its code.
    package var connectionStates: [String: Int64]
    package var installedItems: Int64
    package var events: Int64
    /// TCP connections of agents open now, authorized or not.
    package var connections: Int64
    /// Sessions begun since the start.
    package var sessions: Int64
    /// Devices enrolled since the start.
    package var enrolments: Int64
    /// Events stored since the start.
    package var eventsStored: Int64
    /// Every connection's end since the start, by close reason.
    package var closes: [String: UInt64]
    /// Devices that were served by a later state of this server than its database held when it started: it was put back to an older one.
    package var devicesAhead: Int64
    /// What the system gave for the UDP socket, in bytes; 4 MiB is wanted. Absent without a UDP listener.
    package var udpReceiveBufferBytes: Int64?
    /// Whether anything ever came in on the UDP port: while nothing has, shutdowns show as overdue.
    package var udpReceived: Bool
    package var permanentConnections: PermanentConnectionUse
    /// What became of the datagrams that came to the UDP port since the start, by outcome.
    package var datagrams: [String: UInt64] = [:]
    /// When a shutdown notice last came that was believed, to the minute, also before this start. Absent: none ever came in.
    package var lastNotice: Timestamp?
    package var pins: [Fingerprint]

    package init(
        version: String, started: Timestamp, uptimeSeconds: Int64, database: Database, devices: Int64,
        connectionStates: [String: Int64], installedItems: Int64, events: Int64, connections: Int64, sessions: Int64,
        enrolments: Int64,
        eventsStored: Int64, closes: [String: UInt64], devicesAhead: Int64, udpReceiveBufferBytes: Int64?,
        udpReceived: Bool, permanentConnections: PermanentConnectionUse, pins: [Fingerprint]
    ) {
        self.version = version
        self.started = started
        self.uptimeSeconds = uptimeSeconds
        self.database = database
        self.devices = devices
        self.connectionStates = connectionStates
        self.installedItems = installedItems
        self.events = events
        self.connections = connections
        self.sessions = sessions
        self.enrolments = enrolments
        self.eventsStored = eventsStored
        self.closes = closes
        self.devicesAhead = devicesAhead
        self.udpReceiveBufferBytes = udpReceiveBufferBytes
        self.udpReceived = udpReceived
        self.permanentConnections = permanentConnections
        self.pins = pins
    }
}
