import MusterAPI
import MusterModel
import MusterStore

// From the store's records to what the API says. Members that memory knows better come from there.

extension DeviceEntry {
    init(_ device: DeviceRecord, installedCount: Int64, liveness: DeviceLiveness?, lastRefusal: RefusalEntry?) {
        self.init(
            id: device.id, name: device.name, revision: device.revision, created: device.created,
            operatingSystem: device.operatingSystem, agentVersion: liveness?.agentVersion ?? device.agentVersion,
            installedCount: installedCount, lastConnection: liveness?.lastConnection ?? device.lastConnection,
            lastSynchronization: liveness?.lastSynchronization ?? device.lastSynchronization,
            nextSynchronization: device.certificates.allSatisfy(\.revoked)
                ? nil : liveness?.nextSynchronization ?? device.nextSynchronization,
            address: liveness?.address ?? device.lastAddress, connected: liveness?.connected ?? false,
            connectionState: ConnectionStateEntry(liveness?.status ?? ConnectionStatus(.neverConnected, since: device.created)),
            lastRefusal: lastRefusal,
            permanentConnection: PermanentConnection(device, liveness: liveness),
            certificate: device.certificates.last { !$0.revoked }.map(CertificateEntry.init), udpPort: device.system?.udpPort,
            behindNAT: NATRule.isBehindNAT(
                address: liveness?.address ?? device.lastAddress, reported: device.system?.addresses),
            requestGotThrough: liveness?.requestGotThrough ?? device.requestGotThrough)
    }
}

extension ConnectionRequestEntry {
    init(_ outcome: ConnectionRequestOutcome) {
        self.init(outcome: outcome.code)
        if case .connected(let time) = outcome { afterSeconds = Double(time.milliseconds) / 1000 }
        if case .notSent(let text) = outcome { detail = text }
    }
}

extension PermanentConnection {
    init(_ device: DeviceRecord, liveness: DeviceLiveness?) {
        guard let since = device.permanentSince else {
            self.init(state: .off)
            return
        }
        let synchronized = liveness?.lastSynchronization ?? device.lastSynchronization
        if liveness?.isPermanentlyConnected == true {
            self.init(state: .inForce, since: since)
        } else if let synchronized, synchronized >= since {
            self.init(state: .lost, since: since)
        } else {
            self.init(state: .waiting, since: since, expected: liveness?.nextSynchronization ?? device.nextSynchronization)
        }
    }
}

extension CertificateEntry {
    init(_ certificate: CertificateRecord) {
        self.init(
            fingerprint: certificate.fingerprint, generation: certificate.generation, notBefore: certificate.notBefore,
            notAfter: certificate.notAfter)
    }
}

extension InstalledEntry {
    init(_ record: InstalledRecord) {
        let application = record.application
        self.init(
            device: record.device, deviceName: record.deviceName, name: application.name, version: application.version,
            architecture: application.architecture, source: application.source,
            size: application.size == 0 ? nil : application.size, firstSeen: record.firstSeen)
    }
}

extension EventEntry {
    init(_ record: EventRecord, deviceName: String?) {
        self.init(
            id: EventIdentity.id(
                device: record.device, epoch: record.epoch, sequence: record.sequence, position: record.position),
            device: record.device, deviceName: deviceName, position: record.position,
            epoch: record.epoch == 0 ? nil : Hexadecimal.text(record.epoch), sequence: record.sequence,
            count: record.count, type: record.type, severity: record.severity, text: record.text,
            parameters: record.parameters, occurred: record.occurred, received: record.received)
    }
}

extension EnrolmentTokenEntry {
    init(_ record: EnrolmentTokenRecord, in groups: GroupTree) {
        self.init(
            id: record.id, name: record.name, created: record.created, expires: record.expires, uses: record.uses,
            maximumUses: record.maximumUses, revoked: record.revoked)
        group = record.target.group.flatMap { GroupReference($0, in: groups) }
        tags = record.target.tags
        approval = record.target.needsApproval
        permanentConnection = record.permanentConnection
    }
}

extension APITokenEntry {
    init(_ record: APITokenRecord) {
        self.init(
            id: record.id, name: record.name, role: record.role, reach: record.reach, created: record.created,
            expires: record.expires, revoked: record.revoked)
        createdBy = record.maker.map { $0.id.isEmpty ? $0.kind : "\($0.kind) \($0.id)" }
        createdByName = record.makerName
    }
}

extension VersionOperator {
    var stored: VersionComparison.Operator {
        switch self {
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .equal: .equal
        case .greaterOrEqual: .greaterOrEqual
        case .greater: .greater
        }
    }
}

extension ActionOrderEntry {
    init(_ record: ActionOrderRecord) {
        let counts = record.counts.filter { $0.value > 0 }
        self.init(
            id: record.id, kind: record.kind.code, created: record.created, expires: record.expires,
            total: counts.values.reduce(0, +), counts: Dictionary(counts.map { ($0.key.code, $0.value) }) { first, _ in first })
    }
}

extension ActionEntry {
    /// - Parameter liveness: of its device.
    init(_ record: ActionRecord, liveness: DeviceLiveness?) {
        let waiting = record.progress.isFinal ? nil : liveness
        self.init(
            id: record.id, device: record.device, deviceName: record.deviceName, kind: record.kind.code,
            progress: record.progress.code, route: record.reach?.route.rawValue,
            connectedAfterMilliseconds: record.reach?.connectedAfter?.milliseconds,
            nextSynchronization: waiting?.nextSynchronization,
            created: record.created, sent: record.sent, accepted: record.accepted, ended: record.ended,
            code: record.code.isEmpty ? nil : record.code, text: record.text.isEmpty ? nil : record.text)
        connectionState = waiting?.status?.state.code
        permanentConnection = waiting?.isTicked
    }
}
