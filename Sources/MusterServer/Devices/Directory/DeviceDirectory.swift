import MusterModel
import MusterSession
import MusterStore
import MusterTrust
import MusterWire
import NIOCore
import Synchronization

/// Everything about devices that a session needs at once, in memory: certificates, digests, event positions, liveness, who is connected.
/// Loaded at start; changed only after the database has committed; liveness goes out every 10 s (`LivenessFlush`). A no-change
/// synchronization touches nothing else.
///
/// Memory: about 4 KB a device, 400 MB for 100,000 (`scripts/bench/policies`).
final class DeviceDirectory: Sendable {
    struct State {
        var devices: [DeviceID: DirectoryEntry] = [:]
        /// Certificate fingerprint → device.
        var certificates: [Fingerprint: DeviceID] = [:]
        var slots: SynchronizationSlots
        /// Pins and ports; the rest is by `administration`.
        var base: AgentSettings
        /// Groups, rules, policies.
        var administration = Administration()
        /// Gives what a secret in a policy holds.
        let open: @Sendable (SecretValue) -> SecretValue?
        var desiredDocuments = DesiredDocuments()
        let pingInterval: Duration
        /// Devices that are watched and not ticked.
        var watched = 0
        var deadlines = DeviceDeadlines()
        /// Devices by the group they stand in, so that a change in one group looks at no other: `DeviceDirectory+Standing`.
        var byGroup: [GroupID: Set<DeviceID>] = [:]
        /// Changed since the last flush.
        var dirty: Set<DeviceID> = []
        /// When the server itself was away.
        var attendance: ServerAttendance
        /// See `countByState`.
        var counted: (at: Timestamp, states: [ConnectionState: Int])?
    }

    /// Liveness is written every 10 s: a session begun up to then and not written down is no roll-back of this database, but of a minute
    /// after it was last written at all.
    private static let unwritten = Duration.minutes(1)

    let state: Mutex<State>
    /// Nil for a new database.
    private let aliveUntil: Timestamp?

    /// - Parameters:
    ///   - applications: what devices said of their managed applications before this start.
    ///   - failures: how the last runs of tasks ended, as far as not well.
    ///   - manifests: which manifests they have of applications that are not built in.
    ///   - installed: which devices have what rules and profiles ask of inventories.
    ///   - lastAlive: when the database was last written as that of a running server.
    init(
        records: [DeviceRecord], applications: [DeviceID: [ApplicationReport]] = [:], failures: [RunOutcome] = [],
        manifests: [DeviceID: [ApplicationID: Digest]] = [:], installed: [InstalledCondition: Set<DeviceID>] = [:],
        settings base: AgentSettings,
        administration: Administration = Administration(),
        pingInterval: Duration = .seconds(60), lastAlive: Timestamp?, now: Timestamp,
        open: @escaping @Sendable (SecretValue) -> SecretValue? = { _ in nil }
    ) {
        aliveUntil = lastAlive.map { $0 + Self.unwritten }
        var state = State(
            slots: SynchronizationSlots(now: now), base: base, administration: administration, open: open,
            pingInterval: pingInterval, attendance: ServerAttendance(started: now, lastAlive: lastAlive))
        let failed = Dictionary(grouping: failures, by: \.device).mapValues { Set($0.map(\.task)) }
        for record in records {
            var entry = DirectoryEntry(record)
            entry.failedTasks = failed[record.id] ?? []
            entry.applicationsStored(applications[record.id] ?? [])
            entry.manifestsStored(manifests[record.id] ?? [:])
            entry.known.installed = Set(installed.filter { $0.value.contains(record.id) }.keys)
            state.stand(&entry, now: now)
            // By what interval it was told to come, where nothing else shows it.
            entry.presence = DevicePresence(record, interval: state.settings(of: entry).syncInterval)
            for certificate in entry.certificates { state.certificates[certificate.fingerprint] = record.id }
            state.devices[record.id] = entry
        }
        self.state = Mutex(state)
    }

    var deviceCount: Int { state.withLock { $0.devices.values.count { !$0.isDeleted } } }

    /// Who holds this certificate, and may it be served? Answers from memory.
    func judge(certificate der: [UInt8], now: Timestamp) -> CertificateVerdict {
        let fingerprint = Fingerprint(hashing: der)
        let known = state.withLock { state in
            state.certificates[fingerprint].flatMap { state.devices[$0] }
        }
        return known?.judge(fingerprint, now: now) ?? .unknown
    }

    /// Opens a session of a recognized device, unless it is a copy of it; an older one ends. Says what the session machine needs to know.
    /// - Parameter asked: the open session that was asked whether it is still there, and what came of it.
    func open(
        _ hello: Muster_V1_Hello, of known: KnownDevice, from address: String, on channel: any Channel,
        asked: AskedSession? = nil, now: Timestamp
    ) -> OpeningVerdict {
        var generator = SystemRandomNumberGenerator()
        return state.withLock { state in
            guard var entry = state.devices[known.id], !entry.isDeleted else { return .refused(.deviceDeleted) }
            guard !entry.isRevoked(known.certificate) else { return .refused(.deviceRevoked) }
            let servedBefore = entry.runID
            let verdict = entry.judge(hello, asked: asked)
            if verdict == .ask, let other = entry.channel { return .ask(other) }
            if verdict == .copy {
                let found = entry.copyFound(hello.runID, from: address, now: now)
                state.devices[known.id] = entry
                return .copy(found)
            }
            let settings = state.settings(of: entry)
            let next = state.slots.next(after: settings.syncInterval, now: now, using: &generator)
            let session = ServerSession.Device.sessionNumber(now: now, hello: hello.session, known: entry.lastSession)
            let highest = highestSession(of: entry)
            let replaced = entry.channel
            let copy =
                verdict == .servedInsteadOfCopy
                ? entry.copyFound(servedBefore ?? 0, from: entry.address ?? "", now: now) : nil
            entry.lastSession = session
            entry.lastConnection = now
            entry.nextSynchronization = now + next
            entry.address = address
            entry.agentVersion = hello.agentVersion
            entry.channel = channel
            entry.isToldOfChange = false
            entry.presence.connected(state.promise(to: entry, due: now + next), now: now)
            entry.isPermanentlyConnected = false
            entry.datagrams.connected(hello, now: now)
            entry.heldIsSaid(hello, desired: state.desired(of: entry))
            state.stand(&entry, now: now)
            state.devices[known.id] = entry
            state.dirty.insert(known.id)
            var device = ServerSession.Device(
                session: session, highestSession: highest ?? .max, renewal: known.renewal, isFirstUse: known.isFirstUse,
                reported: entry.reported, desired: state.desired(of: entry), positions: entry.positions,
                nextSynchronization: next)
            device.isPermanent = entry.isPermanentWanted
            device.isWatched = entry.watchers > 0
            device.pingInterval = state.pingInterval
            var opened = OpenedSession(device: device, replaced: replaced)
            opened.copy = copy
            return .opened(opened)
        }
    }

    /// What a probe of a recognized device is answered: nothing of it is written down, and its open session goes on.
    func probed(_ known: KnownDevice, now: Timestamp) -> ServerSession.Device {
        let entry = entry(known.id)
        var device = ServerSession.Device(
            session: 0, renewal: known.renewal, reported: [:], desired: [:], positions: [:],
            nextSynchronization: max(.zero, (entry?.nextSynchronization ?? now) - now))
        device.noticeReceived = entry?.datagrams.noticeReceived
        return device
    }

    /// The highest number a session of the device can have had by what this database knows; nil for a new database.
    func highestSession(of entry: DirectoryEntry) -> UInt64? {
        aliveUntil.map { max(entry.lastSession, UInt64(max(0, $0.milliseconds))) }
    }

    /// - Returns: whether the device is to be asked to come again: it lacks what changed while its session ended.
    func closed(_ id: DeviceID, channel: any Channel, now: Timestamp) -> Bool {
        state.withLock { state in
            guard let entry = state.devices[id], let current = entry.channel, current === channel else { return false }
            state.devices[id]?.channel = nil
            state.devices[id]?.presence.disconnected(now: now)
            state.dirty.insert(id)
            state.devices[id]?.isPermanentlyConnected = false
            state.changed([.state], of: id)
            return entry.isToldOfChange && !entry.isDeleted && !entry.isRevoked && state.lacks(entry)
        }
    }

    /// A complete synchronization. - Parameter next: on a permanent connection, which is in force from now on: when the next one is due.
    func synchronized(_ id: DeviceID, next: Duration?, now: Timestamp) {
        state.withLock { state in
            guard let entry = state.devices[id] else { return }
            state.devices[id]?.lastSynchronization = now
            if let next {
                state.devices[id]?.nextSynchronization = now + next
                let isConnected = state.devices[id]?.channel != nil
                state.devices[id]?.isPermanentlyConnected = isConnected
            }
            let promise = state.promise(to: entry, due: next.map { now + $0 } ?? entry.nextSynchronization ?? now)
            state.devices[id]?.presence.synchronized(promise)
            state.changed([.state, .sinceSynchronization], of: id)
            state.judgeStatus(of: id, now: now)
            state.dirty.insert(id)
        }
    }

    func statisticsReceived(_ id: DeviceID, _ statistics: DeviceStatistics, now: Timestamp) {
        state.withLock { state in
            state.devices[id]?.statistics = statistics
            state.judgeStatus(of: id, now: now)
        }
    }

    /// It says that it holds a desired document.
    func delivered(_ id: DeviceID, _ name: DocumentName, _ digest: Digest) {
        state.withLock { $0.devices[id]?.held[name] = digest }
    }

    func documentStored(_ id: DeviceID, _ name: DocumentName, _ digest: Digest) {
        state.withLock { $0.devices[id]?.reported[name] = digest }
    }

    func eventsStored(_ id: DeviceID, epoch: UInt64, through place: StoredPlace) {
        state.withLock { $0.devices[id]?.setPosition(epoch: epoch, place) }
    }

    func certificateUsed(_ fingerprint: Fingerprint, of id: DeviceID) {
        state.withLock { $0.devices[id]?.markUsed(fingerprint) }
    }

    func certificateAdded(_ certificate: CertificateRecord, to id: DeviceID) {
        state.withLock { state in
            state.certificates[certificate.fingerprint] = id
            state.devices[id]?.add(certificate)
        }
    }

    func enrolled(_ entry: DirectoryEntry) {
        state.withLock { state in
            for certificate in entry.certificates { state.certificates[certificate.fingerprint] = entry.id }
            if state.devices[entry.id] == nil { state.devices[entry.id] = entry }
        }
    }

    /// - Returns: the connection to cut.
    func deleted(_ id: DeviceID) -> (any Channel)? {
        state.withLock { state in
            state.devices[id]?.isDeleted = true
            return state.devices[id]?.channel
        }
    }

    /// Its certificates are worth nothing any more. - Returns: the connection to cut.
    func revoked(_ id: DeviceID, now: Timestamp) -> (any Channel)? {
        state.withLock { state in
            state.devices[id]?.revoke(now: now)
            state.judgeStatus(of: id, now: now)
            state.dirty.insert(id)
            return state.devices[id]?.channel
        }
    }

    /// The connection of the device's session, when one is open.
    func openChannel(of id: DeviceID) -> (any Channel)? { state.withLock { $0.devices[id]?.channel } }

    func entry(_ id: DeviceID) -> DirectoryEntry? { state.withLock { $0.devices[id] } }
}

/// What a Hello gets: the machine's facts, and the older session of the device, which ends now.
struct OpenedSession {
    var device: ServerSession.Device
    var replaced: (any Channel)?
    /// The older session is not an older one of this machine, but a copy's.
    var copy: CopyFound?
}
