import MusterAPI
import MusterModel

// Policies and settings as people read them.

enum ValueWords {
    /// A list without anything in it is shown as such, not as nothing.
    static func text(_ value: ManagedValueEntry) -> String {
        if case .list(let texts) = value, texts.isEmpty { return "(empty list)" }
        return array(value) ?? value.description
    }

    /// As it is typed, where commas between the texts would not tell them apart.
    private static func array(_ value: ManagedValueEntry) -> String? {
        guard case .list(let texts) = value,
            texts.contains(where: { $0.isEmpty || $0.contains(",") || $0.first == " " || $0.last == " " })
        else { return nil }
        return (try? APICoding.encode(texts)).map { String(decoding: $0, as: UTF8.self) }
    }

    static func text(_ value: ManagedValueEntry?) -> String { value.map(text) ?? Shown.nothing }

    static func lock(_ isLocked: Bool) -> String { isLocked ? "locked" : Shown.nothing }
}

enum DeliveryWords {
    static let codes = ["applied", "delivered", "pending", "failed", "not-supported"]

    /// `8 of 12 applied · 4 pending`.
    static func counts(_ delivery: PolicyDelivery) -> String {
        let known = codes.filter { $0 != "applied" && delivery.counts[$0, default: 0] > 0 }
        // A later server may have other words.
        let other = delivery.counts.keys.filter { !codes.contains($0) }.sorted()
        let parts = (known + other).map { "\(delivery.counts[$0, default: 0]) \($0)" }
        let restricted = delivery.restricted.map { ["\($0) restricted by the device"] } ?? []
        return (["\(delivery.counts["applied", default: 0]) of \(delivery.total) applied"] + parts + restricted)
            .joined(separator: " · ")
    }

    /// Whether nothing is on its way.
    static func isOver(_ delivery: PolicyDelivery) -> Bool {
        delivery.counts["pending", default: 0] == 0 && delivery.counts["delivered", default: 0] == 0
    }

    /// Whether it is in force wherever it can be.
    static func isApplied(_ delivery: PolicyDelivery) -> Bool {
        isOver(delivery) && delivery.counts["failed", default: 0] == 0
    }

    static func members(_ delivery: PolicyDelivery, _ policy: PolicyEntry) -> [(name: String, value: String)] {
        let other = delivery.counts.keys.filter { !codes.contains($0) }.sorted()
        let counts = (codes + other).map { (name: $0, value: String(delivery.counts[$0, default: 0])) }
        return [
            ("Policy", policy.name), ("Id", policy.id.description), ("Active", Shown.yesNo(policy.active)),
            ("Revision", String(delivery.revision)), ("Devices", String(delivery.total)),
        ] + counts + [("restricted by the device", String(delivery.restricted ?? 0))]
    }
}

extension SettingOriginEntry {
    /// `profile 'night' of policy 'Standard' of /Warsaw`.
    var words: String {
        let whose = "policy '\(policyName ?? policy?.description ?? "")'" + (group.map { " of \($0)" } ?? "")
        return switch kind {
        case "default": "default"
        case "device": "set for this device"
        case "policy": whose
        case "profile": "profile '\(profile ?? "")' of \(whose)"
        default: kind
        }
    }
}

/// Prints a policy: what it is, then what it sets.
enum PolicyPrinter {
    static func print(_ policy: PolicyEntry, _ format: OutputFormat) throws {
        try ItemPrinter.print(policy, format, members: members(policy))
        let rows = rows(policy)
        guard format == .table, !rows.isEmpty else { return }
        var table = Table(columns)
        for line in [""] + table.lines(rows) { try Console.line(line) }
    }

    static let columns: [Table.Column] = [
        .init(title: "IN"), .init(title: "KEY"), .init(title: "VALUE"), .init(title: "LOCK"),
    ]

    static func members(_ policy: PolicyEntry) -> [(name: String, value: String)] {
        let profiles = policy.profiles.enumerated().map { index, profile in
            let isOff = profile.enabled == false ? " (disabled)" : ""
            return (name: "Profile \(index + 1)", value: "\(profile.name), when \(profile.when)\(isOff)")
        }
        return [
            ("Id", policy.id.description), ("Name", policy.name), ("Application", policy.application),
            ("Group", policy.group.path), ("Active", Shown.yesNo(policy.active)), ("Revision", String(policy.revision)),
            ("Created", Shown.time(policy.created)), ("Changed", Shown.time(policy.changed)),
        ] + (policy.replaced.map { [("In place of", "\($0), which is inactive now")] } ?? []) + profiles
    }

    /// The policy's own values, then each profile's, keys in order.
    static func rows(_ policy: PolicyEntry) -> [[String]] {
        func rows(_ place: String, _ settings: [String: PolicySetting]) -> [[String]] {
            settings.sorted { $0.key < $1.key }.map { key, setting in
                [place, key, ValueWords.text(setting.value), ValueWords.lock(setting.locked == true)]
            }
        }
        return rows("policy", policy.settings) + policy.profiles.flatMap { rows("profile \($0.name)", $0.settings) }
    }
}
