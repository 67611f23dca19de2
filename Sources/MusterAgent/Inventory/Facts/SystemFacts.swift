import Glibc
import MusterWire

/// What document `system` says: the device's name, its operating system, where it is reached, its agent.
///
/// Nothing in it changes by itself (no uptime, no load, no address that the device draws anew): a device at rest keeps its digest.
struct SystemFacts: Hashable, Sendable {
    var hostName: String
    var operatingSystem: OperatingSystem
    var kernel: String
    var architecture: String
    /// Without loopback and link-local ones, sorted.
    var addresses: [String]
    var agentVersion: String

    static func read(_ root: RootPath, agentVersion: String) -> Self {
        var names = utsname()
        uname(&names)
        return Self(
            hostName: text(names.nodename), operatingSystem: .read(root), kernel: text(names.release),
            architecture: text(names.machine), addresses: DeviceAddresses.read(root), agentVersion: agentVersion)
    }

    /// `host-name`, `os/name`, `os/version` and `agent-version` are always there; others when they are known.
    var facts: [String: Document.FactValue] {
        var facts: [String: String] = [
            "os/id": operatingSystem.id, "os/pretty-name": operatingSystem.prettyName,
            "kernel": kernel, "architecture": architecture, "addresses": addresses.joined(separator: ", "),
        ].filter { !$0.value.isEmpty }
        facts["host-name"] = hostName
        facts["os/name"] = operatingSystem.name
        facts["os/version"] = operatingSystem.version
        facts["agent-version"] = agentVersion
        return facts.mapValues { .text($0) }
    }

    /// A C array of characters ended by 0.
    private static func text<Characters>(_ characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
