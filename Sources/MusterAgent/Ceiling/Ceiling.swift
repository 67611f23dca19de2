import FoundationEssentials
package import MusterModel

/// What the device's owner forbids the server, whatever the server says: the contents of `agent.conf`. A value; `CeilingFile` reads it.
package struct Ceiling: Hashable, Sendable {
    /// A part of the inventory.
    package enum Inventory: String, Hashable, Sendable, CaseIterable {
        case hardware, installed
    }

    /// A document of more entries than there are settings; 64 KiB.
    static let maximumBytes = 64 * 1024

    /// No file.
    package static let none = Ceiling()
    /// The file cannot be read, or is not the owner's alone: all that it may forbid is forbidden.
    package static let everything = Ceiling(isEverything: true)

    package private(set) var isEverything = false
    /// `APPLICATION` or `APPLICATION/KEY`; of applications that are not built in `external`, `external/APPLICATION` or
    /// `external/APPLICATION/KEY`.
    package private(set) var settings: Set<String> = []
    package private(set) var inventory: Set<Inventory> = []
    /// `APPLICATION` or `APPLICATION/TYPE`; of applications that are not built in as with settings.
    package private(set) var tasks: Set<String> = []

    private init(isEverything: Bool = false) {
        self.isEverything = isEverything
        if isEverything { inventory = Set(Inventory.allCases) }
    }

    /// Strict: a slip of the pen must not leave open what was to be closed.
    package init(json: [UInt8]) throws(CeilingFault) {
        let members: [String: [String: [String]]]
        do {
            members = try JSONDecoder().decode([String: [String: [String]]].self, from: Data(json))
        } catch {
            throw CeilingFault("it is not JSON of the form {\"forbid\": {\"settings\": [\"services\"]}}")
        }
        if let other = members.keys.sorted().first(where: { $0 != "forbid" }) {
            throw CeilingFault("'\(other.prefix(40))' means nothing in it; there is 'forbid'")
        }
        for (kind, entries) in members["forbid"] ?? [:] {
            for entry in entries { try add(entry, kind: kind) }
        }
    }

    private mutating func add(_ entry: String, kind: String) throws(CeilingFault) {
        switch kind {
        case "settings":
            guard Self.isSetting(entry) else {
                throw CeilingFault("it forbids '\(entry.prefix(80))', and no application has such a setting")
            }
            settings.insert(entry)
        case "inventory":
            guard let part = Inventory(rawValue: entry) else {
                throw CeilingFault("it forbids '\(entry.prefix(80))' of the inventory; there are hardware and installed")
            }
            inventory.insert(part)
        case "tasks":
            guard Self.isTask(entry) else {
                throw CeilingFault("it forbids '\(entry.prefix(80))', and no application has such tasks")
            }
            tasks.insert(entry)
        default: throw CeilingFault("'\(kind.prefix(40))' cannot be forbidden; there are settings, inventory and tasks")
        }
    }

    /// One that this agent does not know is a slip of the pen: it would forbid nothing.
    private static func isSetting(_ entry: String) -> Bool {
        if isOfOthers(entry) { return true }
        guard let (manifest, key) = parts(entry) else { return false }
        return manifest.travels && (key.map { manifest[$0] != nil } ?? true)
    }

    private static func isTask(_ entry: String) -> Bool {
        if isOfOthers(entry) { return true }
        guard let (manifest, type) = parts(entry) else { return false }
        return type.map { manifest.task($0) != nil } ?? !manifest.tasks.isEmpty
    }

    private static func parts(_ entry: String) -> (ApplicationManifest, String?)? {
        let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return ApplicationID(parts[0]).flatMap(ApplicationManifest.builtIn).map { ($0, parts.count > 1 ? parts[1] : nil) }
    }

    fileprivate static let external = "external"

    private static func isOfOthers(_ entry: String) -> Bool {
        entry == external || (entry.hasPrefix("\(external)/") && isExternal(entry.dropFirst(external.count + 1)))
    }

    /// `APPLICATION`, `APPLICATION/KEY` or `APPLICATION/TYPE` of one that this agent may get to know.
    private static func isExternal(_ entry: Substring) -> Bool {
        let parts = entry.split(separator: "/", omittingEmptySubsequences: false).map { ApplicationID(String($0)) }
        guard parts.count <= 2, !parts.contains(nil), let application = parts[0] else { return false }
        return ApplicationManifest.builtIn(application) == nil
    }
}

/// Why a ceiling is none: a clause that goes on after the file's name.
package struct CeilingFault: Error, Hashable, Sendable {
    package let text: String

    init(_ text: String) { self.text = text }
}

extension Ceiling {
    package func forbids(_ key: String, of application: ApplicationID) -> Bool {
        guard !isEverything else { return true }
        guard ApplicationManifest.builtIn(application) != nil else { return settings.forbids(key, ofOther: application) }
        return settings.contains(application.description) || settings.contains("\(application)/\(key)")
            || (application == .networkAgent && forbidsInventory(key))
    }

    /// Whether tasks of that type do not run on this device.
    package func forbids(task type: String, of application: ApplicationID) -> Bool {
        guard !isEverything else { return true }
        guard ApplicationManifest.builtIn(application) != nil else { return tasks.forbids(type, ofOther: application) }
        return tasks.contains(application.description) || tasks.contains("\(application)/\(type)")
    }

    private func forbidsInventory(_ key: String) -> Bool {
        switch key {
        case NetworkAgentKey.inventoryHardware: inventory.contains(.hardware)
        case NetworkAgentKey.inventorySources: inventory.contains(.installed)
        default: false
        }
    }

    /// The keys of an application that the server may not set, rising.
    package func restricted(_ manifest: ApplicationManifest) -> [String] {
        manifest.settings.map(\.key).filter { forbids($0, of: manifest.id) }.sorted()
    }

    /// What of the inventory is reported under it.
    func limiting(_ settings: InventorySettings) -> InventorySettings {
        InventorySettings(
            sources: inventory.contains(.installed) ? [] : settings.sources,
            reportsHardware: settings.reportsHardware && !inventory.contains(.hardware))
    }

    /// The Network Agent's settings as the server wants them, with what it may not set as it is now.
    /// - Parameter proxy: in use now.
    func limiting(_ wanted: AgentSettings, current: AgentSettings, proxy: ProxyAddress?) -> AgentSettings {
        func forbids(_ key: String) -> Bool { self.forbids(key, of: .networkAgent) }
        var result = wanted
        if forbids(NetworkAgentKey.syncInterval) { result.syncInterval = current.syncInterval }
        if forbids(NetworkAgentKey.connectionRequests) { result.requests.listens = current.requests.listens }
        if forbids(NetworkAgentKey.requestPort) { result.requests.port = current.requests.port }
        if forbids(NetworkAgentKey.firewall) { result.requests.opensFirewall = current.requests.opensFirewall }
        if forbids(NetworkAgentKey.eventsHeld) { result.eventsHeld = current.eventsHeld }
        if forbids(NetworkAgentKey.inventorySources) { result.inventory.sources = current.inventory.sources }
        if forbids(NetworkAgentKey.inventoryHardware) { result.inventory.reportsHardware = current.inventory.reportsHardware }
        if forbids(NetworkAgentKey.serverAddresses) { result.connection = nil }
        if forbids(NetworkAgentKey.proxy) || forbids(NetworkAgentKey.proxyPassword) {
            result.connection = result.connection.flatMap { ConnectionSettings(servers: $0.servers, proxy: proxy) }
        }
        return result
    }
}

extension Set<String> {
    /// - Parameter name: of a setting, or a type of task.
    fileprivate func forbids(_ name: String, ofOther application: ApplicationID) -> Bool {
        let (all, its) = (Ceiling.external, "\(Ceiling.external)/\(application)")
        return !isDisjoint(with: [all, its, "\(its)/\(name)"])
    }
}
