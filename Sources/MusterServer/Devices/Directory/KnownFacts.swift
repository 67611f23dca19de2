import MusterModel
import MusterStore

/// What expressions ask of a device, as far as documents and administrators say it; the rest is in its entry.
struct KnownFacts: Hashable, Sendable {
    var name: String
    var hostName: String?
    var operatingSystem: String?
    /// As the device reports them.
    var addresses: [String] = []
    var enrolled: Timestamp
    var installedCount = 0
    /// Of what rules and profiles ask of inventories, that which holds.
    var installed: Set<InstalledCondition> = []

    init(name: String, enrolled: Timestamp) {
        self.name = name
        self.enrolled = enrolled
    }

    mutating func take(_ system: SystemSummary) {
        hostName = system.hostName
        operatingSystem = system.operatingSystem
        addresses = (system.addresses ?? "").split(separator: ",").map { String($0.drop { $0 == " " }) }
    }
}

extension DirectoryEntry {
    mutating func systemStored(_ system: SystemSummary) {
        datagrams.udpPort = system.udpPort
        known.take(system)
    }

    mutating func applicationsStored(_ reports: [ApplicationReport]) {
        applications = Dictionary(reports.map { ($0.application, $0) }) { _, last in last }
    }

    mutating func manifestsStored(_ manifests: [ApplicationID: Digest]) { self.manifests = manifests }

    /// Which version of an application it has; nil: it said of none.
    func manifest(of application: ApplicationID) -> ManifestKey? {
        guard ApplicationManifest.builtIn(application) == nil else { return ManifestKey(application) }
        return manifests[application].map { ManifestKey(application, digest: $0) }
    }

    mutating func installedStored(count: Int, holding conditions: Set<InstalledCondition>) {
        known.installedCount = count
        known.installed = conditions
    }

    /// For expressions; tags and group are those of its standing.
    func facts(now: Timestamp, server: ServerAttendance) -> DeviceFacts {
        var facts = DeviceFacts(name: known.name, now: now)
        facts.hostName = known.hostName
        facts.operatingSystem = known.operatingSystem
        facts.agentVersion = agentVersion
        facts.addresses = known.addresses + [address].compactMap(\.self).filter { !known.addresses.contains($0) }
        facts.tags = standing.tags
        facts.status = deviceStatus.level
        facts.state = status(now: now, server: server).state
        facts.isPermanent = permanentSince != nil
        facts.lastConnection = lastConnection
        facts.lastSynchronization = lastSynchronization
        facts.enrolled = known.enrolled
        facts.installedCount = known.installedCount
        facts.installed = known.installed
        return facts
    }
}
