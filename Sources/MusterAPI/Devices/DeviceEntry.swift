package import MusterModel

/// A client device as lists and `devices show` give it. A member that is not known yet is absent.
package struct DeviceEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: DeviceID
    package var name: String
    /// +1 with each change an administrator makes; also the `ETag`.
    package var revision: Int64
    package var created: Timestamp
    /// As the device reports it: `Debian GNU/Linux 12 (bookworm)`.
    package var operatingSystem: String?
    package var agentVersion: String?
    /// How many installed applications the server knows of.
    package var installedCount: Int64
    package var lastConnection: Timestamp?
    package var lastSynchronization: Timestamp?
    package var nextSynchronization: Timestamp?
    /// The source address of the last authenticated connection.
    package var address: String?
    /// Whether a session is open now.
    package var connected: Bool
    /// Whether it is there, and if not, why.
    package var connectionState: ConnectionStateEntry
    /// Absent when it was not refused as far as the history goes.
    package var lastRefusal: RefusalEntry?
    /// *Do not disconnect from the Administration Server*.
    package var permanentConnection: PermanentConnection
    /// The newest certificate that is not revoked.
    package var certificate: CertificateEntry?
    /// Where its agent listens for connection requests; 0: it does not. Absent: it does not say.
    package var udpPort: UInt16?
    /// Whether `address` is none of the addresses the device has: a connection request ends at the router. Absent: not known.
    package var behindNAT: Bool?
    /// When a connection request last made the device connect.
    package var requestGotThrough: Timestamp?
    /// The administration group it is in; absent: *Unassigned*.
    package var group: GroupReference?
    /// How that was decided.
    package var placement = Placement.automatic
    /// By hand and by rule, in order.
    package var tags: [String] = []
    /// Of those, the ones given by hand.
    package var ownTags: [String] = []
    package var status = DeviceStatusEntry(.ok, since: nil)

    package enum Placement: String, Codable, Sendable, Hashable, CaseIterable {
        /// By the first moving rule that holds, else the default group.
        case automatic
        /// By hand, or by what it enrolled with.
        case fixed
        /// It waits in *Unassigned* until an administrator approves of it.
        case awaitsApproval
    }

    package init(
        id: DeviceID, name: String, revision: Int64, created: Timestamp, operatingSystem: String? = nil,
        agentVersion: String? = nil, installedCount: Int64 = 0, lastConnection: Timestamp? = nil,
        lastSynchronization: Timestamp? = nil, nextSynchronization: Timestamp? = nil, address: String? = nil,
        connected: Bool = false, connectionState: ConnectionStateEntry, lastRefusal: RefusalEntry? = nil,
        permanentConnection: PermanentConnection = PermanentConnection(state: .off),
        certificate: CertificateEntry? = nil, udpPort: UInt16? = nil, behindNAT: Bool? = nil,
        requestGotThrough: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.revision = revision
        self.created = created
        self.operatingSystem = operatingSystem
        self.agentVersion = agentVersion
        self.installedCount = installedCount
        self.lastConnection = lastConnection
        self.lastSynchronization = lastSynchronization
        self.nextSynchronization = nextSynchronization
        self.address = address
        self.connected = connected
        self.connectionState = connectionState
        self.lastRefusal = lastRefusal
        self.permanentConnection = permanentConnection
        self.certificate = certificate
        self.udpPort = udpPort
        self.behindNAT = behindNAT
        self.requestGotThrough = requestGotThrough
    }
}

/// A device's certificate: what it is known by and when it is valid.
package struct CertificateEntry: Codable, Sendable, Hashable {
    /// SHA-256 of the certificate.
    package var fingerprint: Fingerprint
    package var generation: Int64
    package var notBefore: Timestamp
    package var notAfter: Timestamp

    package init(fingerprint: Fingerprint, generation: Int64, notBefore: Timestamp, notAfter: Timestamp) {
        self.fingerprint = fingerprint
        self.generation = generation
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}

/// `PATCH /devices/{id}`: what is there is changed, the rest stays.
package struct ChangeDevice: ChangeRequest {
    package var name: String?
    /// *Do not disconnect from the Administration Server*.
    package var permanentConnection: Bool?
    /// Where it goes: a group's path or id, `unassigned`, or `automatic`.
    package var group: String?
    /// One that waits for approval has it.
    package var approve: Bool?
    package var addTags: [String]?
    package var removeTags: [String]?

    package init(name: String? = nil, permanentConnection: Bool? = nil) {
        self.name = name
        self.permanentConnection = permanentConnection
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, permanentConnection, group, approve, addTags, removeTags
    }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    /// A name is what people call the device: 1 to 255 bytes, no control characters.
    package static let allowedBytes = 1...255
}
