import MusterAPI
import MusterModel
import MusterStore

/// What a change of a package's properties may say; what it says, checked and put into the package.
struct PackageRules {
    let change: PackageChange
    /// Of the administration groups there are.
    let groups: GroupTree

    /// - Throws: the first member that is wrong, by name.
    func apply(to settings: inout PackageSettings) throws(Problem) {
        if let servers = change.servers { settings.servers = try Self.servers(servers) }
        if let port = change.udpPort { settings.udpPort = try Self.port(port, 1...65_535, "udpPort") }
        settings.proxy = try proxy(settings.proxy)
        if case .unset = change.syncIntervalSeconds { settings.own.syncInterval = nil }
        if case .set(let seconds) = change.syncIntervalSeconds { settings.own.syncInterval = try Self.interval(seconds) }
        settings.own.listens = change.connectionRequests.applied(to: settings.own.listens)
        if case .unset = change.requestPort { settings.own.requestPort = nil }
        if case .set(let port) = change.requestPort {
            settings.own.requestPort = try Self.port(port, RequestSettings.allowedPorts, "requestPort")
        }
        settings.own.opensFirewall = change.firewall.applied(to: settings.own.opensFirewall)
        if let permanent = change.permanentConnection { settings.permanentConnection = permanent }
        if let seconds = change.tokenLifeSeconds {
            settings.tokenLife = try ExpiryRule.lifetime(
                seconds, allowed: PackageSettings.allowedTokenLife, standard: PackageSettings.standardTokenLife,
                member: "tokenLifeSeconds")
        }
        if case .unset = change.group { settings.target.group = nil }
        if case .set(let group) = change.group {
            settings.target.group = try GroupChoice.group(group, in: groups, member: "group")
        }
        if let tags = change.tags { settings.target.tags = try DeviceEdit.tags(tags, member: "tags").sorted() }
        if let approval = change.approval { settings.target.needsApproval = approval }
        if let uses = change.tokenUses { settings.tokenUses = try Self.uses(uses) }
    }

    /// - Throws: when there is no list, or an address in it can be none.
    static func servers(_ texts: [String]) throws(Problem) -> [ServerAddress] {
        guard (1...PackageSettings.maximumServers).contains(texts.count) else {
            throw .member("servers", "A package has 1 to \(PackageSettings.maximumServers) server addresses.")
        }
        var servers: [ServerAddress] = []
        for text in texts {
            guard let server = ServerAddress(text) else {
                throw .member(
                    "servers", "'\(text.prefix(300))' is no server address.",
                    allowed: "HOST[:PORT], an IPv6 address in brackets")
            }
            guard !servers.contains(server) else { throw .member("servers", "\(server) stands more than once.") }
            servers.append(server)
        }
        return servers
    }

    private func proxy(_ old: ProxyAddress?) throws(Problem) -> ProxyAddress? {
        guard case .set(let text) = change.proxy else { return change.proxy.isUnset ? nil : old }
        guard let proxy = ProxyAddress(text) else {
            // Not repeated: it may hold a password.
            throw .member("proxy", "It is no address of a proxy.", allowed: "http://[USER[:PASSWORD]@]HOST[:PORT]")
        }
        return proxy
    }

    private static func interval(_ seconds: Int64) throws(Problem) -> SyncInterval {
        let allowed = SetSyncInterval.allowedSeconds
        guard allowed.contains(seconds), let interval = SyncInterval(checking: .seconds(seconds)) else {
            throw .member(
                "syncIntervalSeconds", "\(seconds) s is not between 1 minute and 24 hours.",
                allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
        }
        return interval
    }

    private static func port(_ number: Int64, _ allowed: ClosedRange<UInt16>, _ member: String) throws(Problem) -> UInt16 {
        guard let port = UInt16(exactly: number), allowed.contains(port) else {
            throw .member(member, "\(number) is not a port it may be.", allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
        }
        return port
    }

    private static func uses(_ uses: Int64) throws(Problem) -> Int64 {
        let allowed = PackageSettings.allowedTokenUses
        guard allowed.contains(uses) else {
            throw .member("tokenUses", "\(uses) is out of range.", allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
        }
        return uses
    }
}

extension Change {
    fileprivate var isUnset: Bool { if case .unset = self { true } else { false } }
}

extension PackageEntry {
    init(_ record: PackageRecord, in groups: GroupTree, warnings: [PackageWarning]? = nil) {
        let settings = record.settings
        self.init(
            id: record.id, name: record.name, revision: record.revision, created: record.created, changed: record.changed,
            servers: settings.servers.map(\.description), udpPort: Int64(settings.udpPort), proxy: settings.proxy?.description,
            syncIntervalSeconds: settings.own.syncInterval?.duration.components.seconds,
            connectionRequests: settings.own.listens, requestPort: settings.own.requestPort.map(Int64.init),
            firewall: settings.own.opensFirewall, permanentConnection: settings.permanentConnection,
            tokenLifeSeconds: settings.tokenLife.components.seconds, tokenUses: settings.tokenUses,
            downloads: record.downloads, devices: record.devices, warnings: warnings)
        group = settings.target.group.flatMap { GroupReference($0, in: groups) }
        tags = settings.target.tags
        approval = settings.target.needsApproval
    }
}
