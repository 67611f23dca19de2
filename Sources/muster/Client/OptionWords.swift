import MusterAPI
import MusterModel

/// What a person typed where the API speaks of its members and parameters: for errors.
enum OptionWords {
    /// A member or parameter, and the option it comes from.
    private static let everywhere = [
        "all": "--all", "application": "--application", "connectionRequests": "--connection-requests", "delivery": "--state",
        "deleteDevices": "--delete-devices", "device": "--device", "devices": "<devices>", "devicesTo": "--devices-to",
        "expiresAfterSeconds": "--expires", "expiresInSeconds": "--expires", "firewall": "--firewall",
        "format": "--connection-file", "group": "--group", "leaveExpressions": "--leave-expressions",
        "If-Match": "--revision", "limit": "--limit", "maximumUses": "--uses", "name": "--name",
        "permanentConnection": "--permanent-connection", "policies": "--policies", "proxy": "--proxy",
        "requestPort": "--request-port", "role": "--role", "reach": "--reach", "schedule": "--schedule",
        "randomDelaySeconds": "--random-delay", "stopAfterSeconds": "--stop-after", "type": "--type",
        "runMissed": "--run-missed", "selection": "--selection", "order": "--order", "task": "--task", "rules": "--rules",
        "servers": "--server-address", "severity": "--severity", "since": "--since", "state": "--state",
        "syncIntervalSeconds": "--interval", "targets": "--targets", "tokenLifeSeconds": "--token-life",
        "tokenUses": "--token-uses",
        "udpPort": "--udp-port",
    ]
    /// Where it comes from something else there.
    private static let byPath = [
        APIPath.syncInterval: ["syncIntervalSeconds": "sync-interval"],
        APIPath.permanentConnectionLimit: ["limit": "permanent-connections.limit"],
        APIPath.installedSearch: ["name": "<query>", "op": "<query>", "version": "<query>"],
        APIPath.device: ["name": "<name>", "permanentConnection": "<state>"],
        APIPath.packages: ["name": "<name>"], APIPath.policies: ["name": "<name>"], APIPath.policy: ["name": "<name>"],
        APIPath.tasks: ["name": "<name>", "devices": "--device"], APIPath.task: ["name": "--rename", "devices": "--device"],
        APIPath.taskRun: ["devices": "--device"],
        APIPath.policyRestore: ["revision": "<revision>"],
    ]

    /// - Parameter path: of the request, ids filled in.
    static func option(for field: String, at path: String) -> String {
        let special = byPath.first { fits(path, $0.key) }?.value
        return special?[field] ?? everywhere[field] ?? part(field) ?? field
    }

    /// Of `settings.KEY`, `profiles.0.when` and `profiles.0.settings.KEY`.
    private static func part(_ field: String) -> String? {
        let parts = field.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "settings": return parts[1]
        case "profiles":
            let inside = parts[1].split(separator: ".", maxSplits: 1).map(String.init)
            guard inside.count == 2 else { return nil }
            return ["name": "<name>", "when": "--when"][inside[1]] ?? part(inside[1])
        default: return nil
        }
    }

    /// What may be given, as it is typed: `1m…24h` for `60…86400` seconds.
    static func allowed(_ text: String, for field: String) -> String {
        let ends = text.split(separator: "…").map { Int64($0) }
        guard field.hasSuffix("Seconds"), ends.count == 2, let first = ends[0], let last = ends[1] else { return text }
        return "\(Duration.seconds(first).text)…\(Duration.seconds(last).text)"
    }

    private static func fits(_ path: String, _ pattern: String) -> Bool {
        let (segments, expected) = (path.split(separator: "/"), pattern.split(separator: "/"))
        return segments.count == expected.count && zip(segments, expected).allSatisfy { $0 == $1 || $1.hasPrefix("{") }
    }
}
