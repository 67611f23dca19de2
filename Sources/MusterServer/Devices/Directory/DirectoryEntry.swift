import MusterModel
import MusterSession
import MusterStore
import MusterTrust
import MusterWire
import NIOCore

/// One device as the directory knows it.
struct DirectoryEntry: Sendable {
    /// Positions kept per device: a device draws a new epoch only when it was rolled back or enrolled anew.
    private static let maximumEpochs = 16

    let id: DeviceID
    var isDeleted: Bool
    var certificates: [CertificateRecord]
    var lastSession: UInt64
    var reported: [DocumentName: Digest]
    var positions: [UInt64: StoredPlace]
    /// Epochs by last use, newest first.
    private var epochs: [UInt64]
    var lastConnection: Timestamp?
    var lastSynchronization: Timestamp?
    var nextSynchronization: Timestamp?
    var address: String?
    var agentVersion: String?
    /// Which runs came as this device, and whether there are two of it.
    var history = RunHistory()
    /// What an administrator has to know of machines that were refused as copies; in memory alone.
    var refused = RefusedCopies()
    /// That there are two of it is written down, or about to be.
    var isCopyStored = false
    /// When *Do not disconnect* was ticked; nil: it is not.
    var permanentSince: Timestamp?
    /// What expressions ask of it.
    var known: KnownFacts
    /// As it was read last.
    var revision: Int64 = 0
    /// How it is decided in which group it is.
    var placement = Placement.automatic
    /// Given by hand.
    var ownTags: Set<String> = []
    /// Settings given to this device alone.
    var own: [ApplicationID: [String: ManagedValue]] = [:]
    /// Derived from all of these: `DeviceDirectory+Standing`.
    var standing = DeviceStanding()
    /// As it reports them.
    var applications: [ApplicationID: ApplicationReport] = [:]
    /// Tasks whose last run on it came to no good end, also some that are not for it any more.
    var failedTasks: Set<TaskID> = []
    /// Those of others that it has connectors for: which manifests, as it reports them.
    var manifests: [ApplicationID: Digest] = [:]
    /// The desired documents it holds, as far as it has said.
    var held: [DocumentName: Digest] = [:]
    var datagrams = DatagramFacts()
    /// The open session.
    var channel: (any Channel)?
    /// It was told in it that other documents are desired: it may have been too late for that.
    var isToldOfChange = false
    /// Whether it is there, and if not, why.
    var presence: DevicePresence
    /// It is a permanent one, and a synchronization was completed in it.
    var isPermanentlyConnected = false

    /// How it is: `DeviceDirectory+Status`.
    var deviceStatus = DeviceStatus.ok
    /// Since when it is at that level; nil: it was never judged.
    var statusCourse: StatusCourse?
    /// What it said last of itself; in memory alone but for the measures.
    var statistics: DeviceStatistics? { didSet { measures.take(statistics) } }
    private(set) var measures = StatusMeasures()

    /// Who look at it just now.
    var watchers = 0

    /// The run that was served last.
    var runID: UInt64? { history.current }

    /// The session stays open after Done.
    var isPermanentWanted: Bool { permanentSince != nil || watchers > 0 }

    init(_ record: DeviceRecord) {
        id = record.id
        isDeleted = record.deleted != nil
        certificates = record.certificates
        lastSession = UInt64(max(0, record.lastSession))
        reported = record.reported
        positions = Dictionary(record.positions.map { ($0.epoch, $0.place) }, uniquingKeysWith: { first, _ in first })
        epochs = record.positions.map(\.epoch)
        lastConnection = record.lastConnection
        lastSynchronization = record.lastSynchronization
        nextSynchronization = record.nextSynchronization
        address = record.lastAddress
        agentVersion = record.agentVersion
        history = RunHistory(record)
        isCopyStored = history.isCopied
        refused.splitUntil = record.copies.splitUntil
        presence = DevicePresence(record, interval: .standard)
        known = KnownFacts(name: record.name, enrolled: record.created)
        if let system = record.system { known.take(system) }
        takeSettings(record)
        datagrams.udpPort = record.system?.udpPort
        datagrams.requestGotThrough = record.requestGotThrough
        statusCourse = record.status
        measures = record.measures
    }

    /// A device enrolled just now.
    init(id: DeviceID, name: String, certificate: CertificateRecord, address: String, now: Timestamp) {
        self.id = id
        known = KnownFacts(name: name, enrolled: now)
        isDeleted = false
        certificates = [certificate]
        lastSession = 0
        reported = [:]
        positions = [:]
        epochs = []
        self.address = address
        presence = DevicePresence(enrolled: now)
    }

    /// What an administrator, or the package it came by, said of it.
    mutating func takeSettings(_ record: DeviceRecord) {
        revision = record.revision
        permanentSince = record.permanentSince
        own = record.values
        placement = record.awaitsApproval ? .fixed(nil) : record.placement
        ownTags = Set(record.tags)
    }

    func judge(_ fingerprint: Fingerprint, now: Timestamp) -> CertificateVerdict {
        if isDeleted { return refusal(.deviceDeleted, "this device was removed from the server; enrol it again") }
        guard let certificate = certificates.first(where: { $0.fingerprint == fingerprint }) else { return .unknown }
        let newestUsed = certificates.filter(\.used).map(\.generation).max() ?? 0
        guard certificate.generation >= newestUsed else {
            return refusal(.certificateSuperseded, "certificate \(newestUsed) of this device was already used")
        }
        let rule = RenewalRule(certificate, of: id)
        let isFirstUse = !certificate.used
        return switch rule.verdict(now: now) {
        case .current: .known(KnownDevice(id: id, certificate: fingerprint, renewal: .none, isFirstUse: isFirstUse))
        case .due: .known(KnownDevice(id: id, certificate: fingerprint, renewal: .due, isFirstUse: isFirstUse))
        case .onlyRenewal: .known(KnownDevice(id: id, certificate: fingerprint, renewal: .only, isFirstUse: isFirstUse))
        case .refused(let reason): refusal(reason, rule.advice(reason))
        }
    }

    private func refusal(_ reason: CloseReason, _ text: String) -> CertificateVerdict {
        .refused(reason, text: text, device: id)
    }

    mutating func setPosition(epoch: UInt64, _ place: StoredPlace) {
        if place.last >= positions[epoch]?.last ?? 0 { positions[epoch] = place }
        guard epochs.first != epoch else { return }
        epochs.removeAll { $0 == epoch }
        epochs.insert(epoch, at: 0)
        while epochs.count > Self.maximumEpochs { positions[epochs.removeLast()] = nil }
    }

    mutating func markUsed(_ fingerprint: Fingerprint) {
        guard let index = certificates.firstIndex(where: { $0.fingerprint == fingerprint }) else { return }
        certificates[index].used = true
    }

    /// What Hello says of desired documents: each, or the root of all.
    mutating func heldIsSaid(_ hello: Muster_V1_Hello, desired: [DocumentName: Digest]) {
        let features = FeatureSet.own.common(with: FeatureSet(hello.features))
        if Array(hello.heldRoot) == desired.root(of: features).bytes {
            held = desired.filter { features.documents.contains($0.key) }
        } else if hello.hasDigests {
            held = [:]
            for entry in hello.digests.held {
                guard let name = DocumentName(rawValue: entry.document), let digest = Digest(bytes: Array(entry.digest)) else {
                    continue
                }
                held[name] = digest
            }
        }
    }

    /// It is not served any more.
    var isRevoked: Bool { certificates.allSatisfy(\.revoked) }

    func isRevoked(_ fingerprint: Fingerprint) -> Bool {
        certificates.contains { $0.fingerprint == fingerprint && $0.revoked }
    }

    /// Every certificate of it, and what comes with being served.
    mutating func revoke(now: Timestamp) {
        for index in certificates.indices { certificates[index].revoked = true }
        permanentSince = nil
        nextSynchronization = nil
        presence.disconnected(now: now)
        presence.refused(.deviceRevoked, now: now)
    }

    mutating func add(_ certificate: CertificateRecord) {
        guard !certificates.contains(where: { $0.fingerprint == certificate.fingerprint }) else { return }
        certificates.append(certificate)
    }
}

/// A device whose certificate was recognized.
struct KnownDevice: Hashable, Sendable {
    var id: DeviceID
    var certificate: Fingerprint
    var renewal: Muster_V1_Renewal
    /// The certificate was never used before: a new generation counts from now on.
    var isFirstUse: Bool
}

/// What a certificate is good for.
enum CertificateVerdict: Hashable, Sendable {
    case known(KnownDevice)
    /// Not in memory: `LostCertificates` looks closer.
    case unknown
    /// The device is known unless the certificate is a stranger's.
    case refused(CloseReason, text: String, device: DeviceID?)
}
