package import MusterModel

/// A device as the database has it: what the server keeps in memory about each, and what is shown of it.
package struct DeviceRecord: Hashable, Sendable {
    package var id: DeviceID
    package var name: String
    /// +1 with each change by a person.
    package var revision: Int64
    package var created: Timestamp
    /// Set on a tombstone: the device was deleted, its certificates are known to be refused.
    package var deleted: Timestamp?
    /// The highest session number known to have stored or shown anything.
    package var lastSession: Int64
    package var lastConnection: Timestamp?
    package var lastSynchronization: Timestamp?
    package var nextSynchronization: Timestamp?
    package var lastAddress: String?
    package var runID: UInt64?
    package var copies = DeviceCopies()
    /// When *Do not disconnect* was ticked; nil: it is not.
    package var permanentSince: Timestamp?
    /// What is set for this device alone.
    package var values: DeviceValues = [:]
    /// In *Unassigned* as long as it waits for approval.
    package var placement = Placement.automatic
    package var awaitsApproval = false
    /// Those set by hand, in order.
    package var tags: [String] = []
    /// The end of the last connection.
    package var lastClosed: Timestamp?
    /// Why it is away, as far as anybody said.
    package var absence: DevicePresence.Absence?
    /// When a connection request last made the device connect.
    package var requestGotThrough: Timestamp?
    /// Nil: it was never judged.
    package var status: StatusCourse?
    package var measures = StatusMeasures()
    /// From the document `system`; nil until it came.
    package var system: SystemSummary?
    /// In order of generation.
    package var certificates: [CertificateRecord] = []
    package var reported: [DocumentName: Digest] = [:]
    /// The newest first; at most `EventPositionRecord.kept`.
    package var positions: [EventPositionRecord] = []

    package init(id: DeviceID, name: String, revision: Int64 = 1, created: Timestamp, lastSession: Int64 = 0) {
        self.id = id
        self.name = name
        self.revision = revision
        self.created = created
        self.lastSession = lastSession
    }

    /// Those of `values` that packages bring along.
    package var own: DeviceSettings { DeviceSettings(values[.networkAgent] ?? [:]) }
    package var agentVersion: String? { system?.agentVersion }
    package var operatingSystem: String? { system?.operatingSystem }

    package var cursor: DeviceCursor { DeviceCursor(name: name, id: id) }
}

/// What lists show from the document `system`.
package struct SystemSummary: Hashable, Sendable {
    package var hostName: String?
    package var operatingSystem: String?
    package var agentVersion: String?
    /// With commas between them.
    package var addresses: String?
    /// Where the agent listens for connection requests; 0: it does not; nil: it does not say.
    package var udpPort: UInt16?

    package init(
        hostName: String? = nil, operatingSystem: String? = nil, agentVersion: String? = nil, addresses: String? = nil,
        udpPort: UInt16? = nil
    ) {
        self.hostName = hostName
        self.operatingSystem = operatingSystem
        self.agentVersion = agentVersion
        self.addresses = addresses
        self.udpPort = udpPort
    }
}

/// Up to where the server has the events of one of a device's epochs.
package struct EventPositionRecord: Hashable, Sendable {
    /// Epochs kept for each device: a new one begins with each roll-back or new spool, so 16 reach far back.
    package static let kept = 16

    package var epoch: UInt64
    package var place: StoredPlace

    package init(epoch: UInt64, place: StoredPlace) {
        self.epoch = epoch
        self.place = place
    }
}

/// What is known of a device that was seen, to be written down every few seconds.
package struct LivenessRow: Hashable, Sendable {
    package var device: DeviceID
    package var session: Int64
    /// Nil leaves what is stored; so do the following.
    package var lastConnection: Timestamp?
    package var lastSynchronization: Timestamp?
    package var nextSynchronization: Timestamp?
    package var address: String?
    package var runID: UInt64?
    /// In the order in which they were first seen; nil leaves what is stored.
    package var runs: [UInt64]?
    package var provenSession: UInt64?
    package var lastClosed: Timestamp?
    /// Nil says that there is none.
    package var absence: DevicePresence.Absence?
    package var requestGotThrough: Timestamp?
    package var status: StatusCourse?
    package var measures = StatusMeasures()

    package init(
        device: DeviceID, session: Int64, lastConnection: Timestamp?, lastSynchronization: Timestamp? = nil,
        nextSynchronization: Timestamp? = nil, address: String? = nil, runID: UInt64? = nil, lastClosed: Timestamp? = nil,
        absence: DevicePresence.Absence? = nil, requestGotThrough: Timestamp? = nil
    ) {
        self.device = device
        self.session = session
        self.lastConnection = lastConnection
        self.lastSynchronization = lastSynchronization
        self.nextSynchronization = nextSynchronization
        self.address = address
        self.runID = runID
        self.lastClosed = lastClosed
        self.absence = absence
        self.requestGotThrough = requestGotThrough
    }
}
