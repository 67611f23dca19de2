package import MusterModel
package import MusterSession
package import MusterStore

/// What the API needs of the running server beside the store: what is only in memory, and who must hear of a change.
/// Calls answer at once, from memory; only `deviceDeleted` and `deviceRevoked` wait, until the device's connections are cut, and `requestConnection`.
package protocol APIBackend: PolicyBackend, GroupBackend, TaskBackend {
    /// What memory knows better than the database; nil for a device that never connected.
    func liveness(of device: DeviceID) -> DeviceLiveness?
    /// In no order.
    func devices(in state: ConnectionState) -> [DeviceID]
    /// Entries of a device's history of connections that the database does not have yet, or not as they are now; in no order.
    func unwrittenConnections(of device: DeviceID) -> [ConnectionRecord]
    /// Since the start, written or not.
    func lastRefusal(of device: DeviceID) -> ConnectionRecord?
    func status() -> ServerStatusFacts
    /// Asks the device to connect now; returns when it has, or 5 s after the last copy.
    func requestConnection(of device: DeviceID) async -> ConnectionRequestOutcome
    /// After commit. Returns when its sessions are told to end.
    func deviceDeleted(_ device: DeviceID) async
    /// After commit.
    func deviceRevoked(_ device: DeviceID) async
    /// After commit.
    func enrolmentTokensChanged()
    /// Somebody looks at the device from now on: it is reached and stays connected until `watchEnded`. - Returns: false when as many devices
    /// are watched as may be.
    func watchBegan(_ device: DeviceID) async -> Bool
    func watchEnded(_ device: DeviceID)
    /// As the device said last; nil before it said any since the server's start.
    func statistics(of device: DeviceID) -> DeviceStatistics?
    /// Stores it and sets about reaching the devices. - Parameter devices: nil: all there are.
    func order(_ kind: ActionKind, for devices: [DeviceID]?, expires: Timestamp, principal: AuditPrincipal) async throws
        -> ActionOrderRecord
    /// Cancels what devices have not begun. - Returns: how many; nil when there is no such order.
    func cancel(_ order: ActionOrderID, principal: AuditPrincipal) async throws -> Int?
    /// After commit: *Do not disconnect* was ticked at that time, or unticked.
    func permanentConnectionChanged(_ device: DeviceID, since: Timestamp?, event position: Int64?)
    /// Those that come from several machines; in no order.
    func copiedDevices() -> [CopiedDevice]
    /// After commit: machines that are refused become devices of their own until then.
    func copiesSplit(_ device: DeviceID, until end: Timestamp)
    /// After commit: it was one device.
    func copiesForgotten(_ device: DeviceID)
    /// After commit: the server itself stored an event there.
    func eventStored(at position: Int64)
    /// Server key fingerprints that devices get: active and reserve.
    var pins: [Fingerprint] { get }
    /// The newest position after each commit that stored events. A slow reader sees the newest only. Each call makes a stream of its own.
    func eventsStored() -> AsyncStream<Int64>
}

/// A device as the DeviceDirectory knows it now.
package struct DeviceLiveness: Sendable, Hashable {
    package var lastConnection: Timestamp?
    package var lastSynchronization: Timestamp?
    package var nextSynchronization: Timestamp?
    /// The source address of the last authenticated connection.
    package var address: String?
    /// Whether a session is open.
    package var connected: Bool
    /// The session is a permanent one, and a synchronization was completed in it.
    package var isPermanentlyConnected = false
    /// *Do not disconnect* is ticked.
    package var isTicked = false
    package var agentVersion: String?
    /// When a connection request last made the device connect.
    package var requestGotThrough: Timestamp?
    /// Nil for a device that was deleted.
    package var status: ConnectionStatus?

    package init(
        lastConnection: Timestamp? = nil, lastSynchronization: Timestamp? = nil, nextSynchronization: Timestamp? = nil,
        address: String? = nil, connected: Bool = false, agentVersion: String? = nil, requestGotThrough: Timestamp? = nil,
        status: ConnectionStatus? = nil
    ) {
        self.lastConnection = lastConnection
        self.lastSynchronization = lastSynchronization
        self.nextSynchronization = nextSynchronization
        self.address = address
        self.connected = connected
        self.agentVersion = agentVersion
        self.status = status
        self.requestGotThrough = requestGotThrough
    }
}

/// A device that comes from several machines, as memory knows it.
package struct CopiedDevice: Sendable, Hashable {
    package var device: DeviceID
    /// Of the one that is served.
    package var address: String?
    /// Those that were refused since the server's start, the newest last.
    package var refused: [RefusedMachine]

    package init(device: DeviceID, address: String? = nil, refused: [RefusedMachine] = []) {
        self.device = device
        self.address = address
        self.refused = refused
    }
}

/// A machine that was refused as a copy.
package struct RefusedMachine: Hashable, Sendable {
    package var run: UInt64
    package var address: String
    package var last: Timestamp

    package init(run: UInt64, address: String, last: Timestamp) {
        self.run = run
        self.address = address
        self.last = last
    }
}

/// What the server counts. Totals are since its start.
package struct ServerStatusFacts: Sendable, Hashable {
    package var version: String
    package var started: Timestamp
    /// TCP connections of agents open now.
    package var connections: Int
    package var sessions: UInt64
    package var closes: [CloseReason: UInt64]
    package var enrolments: UInt64
    package var eventsStored: UInt64
    /// Devices that were served by a later state of this server than its database held when it started.
    package var devicesAhead: Int
    /// What the system gave, in bytes; nil without a UDP listener.
    package var udpReceiveBufferBytes: Int?
    /// Whether anything ever came in on the UDP port, since this server was set up.
    package var udpReceived: Bool
    /// Devices by their connection state.
    package var states: [ConnectionState: Int]
    /// Entries of the history of connections that were lost, because the database was away for long.
    package var connectionsUnrecorded: UInt64
    /// Devices that are ticked *Do not disconnect* and connected, all in force.
    package var permanentlyConnected = 0
    /// What became of the datagrams that came to the UDP port.
    package var notices: [NoticeOutcome: UInt64]
    /// When a shutdown notice last came that was believed, also before this start; nil: none ever came in.
    package var lastNotice: Timestamp?

    package init(
        version: String, started: Timestamp, connections: Int = 0, sessions: UInt64 = 0, closes: [CloseReason: UInt64] = [:],
        enrolments: UInt64 = 0, eventsStored: UInt64 = 0, devicesAhead: Int = 0, udpReceiveBufferBytes: Int? = nil,
        udpReceived: Bool = false, states: [ConnectionState: Int] = [:], connectionsUnrecorded: UInt64 = 0,
        notices: [NoticeOutcome: UInt64] = [:], lastNotice: Timestamp? = nil
    ) {
        self.version = version
        self.started = started
        self.connections = connections
        self.sessions = sessions
        self.closes = closes
        self.enrolments = enrolments
        self.eventsStored = eventsStored
        self.devicesAhead = devicesAhead
        self.udpReceiveBufferBytes = udpReceiveBufferBytes
        self.udpReceived = udpReceived
        self.states = states
        self.connectionsUnrecorded = connectionsUnrecorded
        self.notices = notices
        self.lastNotice = lastNotice
    }
}
