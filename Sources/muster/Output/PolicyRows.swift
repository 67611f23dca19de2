import MusterAPI
import MusterModel

// What each list about policies shows of an item; JSON has everything.

extension ApplicationEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "NAME"), .init(title: "SETTINGS", right: true), .init(title: "TASKS", right: true),
        .init(title: "MANIFEST"),
    ]

    var cells: [String] { [id, title, String(settings.count), String(tasks.count), Shown.text(manifestWords)] }

    /// `not accepted: 1.0, 1.1`; those that wait come first.
    private var manifestWords: String? {
        guard let manifests, !manifests.isEmpty else { return standing.map(ManifestWords.text) }
        return ["not-accepted", "accepted", "rejected"].compactMap { standing in
            let versions = manifests.filter { $0.standing == standing }.map(\.version)
            return versions.isEmpty ? nil : "\(ManifestWords.text(standing)): \(versions.joined(separator: ", "))"
        }.joined(separator: "; ")
    }
}

extension PolicyEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "NAME"), .init(title: "APPLICATION"), .init(title: "GROUP"), .init(title: "ACTIVE"),
        .init(title: "SETTINGS", right: true), .init(title: "PROFILES", right: true), .init(title: "REVISION", right: true),
        .init(title: "CHANGED"),
    ]

    var cells: [String] {
        [
            id.description, name, application, group.path, Shown.yesNo(active), String(settings.count), String(profiles.count),
            String(revision), Shown.time(changed),
        ]
    }
}

extension PolicyRevisionEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "REVISION", right: true), .init(title: "CHANGED"), .init(title: "BY"), .init(title: "WHAT"),
    ]

    var cells: [String] { [String(revision), Shown.time(at), PrincipalWords.text(principal, principalName), change] }
}

extension PolicyDeviceEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "DEVICE"), .init(title: "ID"), .init(title: "DELIVERY"), .init(title: "CONNECTION"),
        .init(title: "NEXT SYNCHRONIZATION"), .init(title: "REMARKS"),
    ]

    var cells: [String] {
        [
            deviceName, device.description, delivery,
            Shown.text(connectionState.map { ConnectionState(code: $0)?.words ?? $0 }), Shown.time(nextSynchronization),
            Shown.text(remarks),
        ]
    }

    /// Why it failed, and what of it is not in force although it was applied.
    private var remarks: String {
        let failure = [text, code.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
        return [failure, SettingRemarks.restricted(restricted ?? []), SettingRemarks.changedLocally(changedLocally ?? [])]
            .filter { !$0.isEmpty }.joined(separator: "; ")
    }
}

extension DeviceApplicationEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "APPLICATION"), .init(title: "VERSION"), .init(title: "STATE"), .init(title: "SETTINGS"),
        .init(title: "REMARKS"),
    ]

    var cells: [String] { [application, Shown.text(version), state, Shown.text(delivery), Shown.text(remarks)] }

    var remarks: String {
        let failure = [text, code.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
        let waiting = manifest.flatMap { $0 == "accepted" ? nil : "manifest \(ManifestWords.text($0))" } ?? ""
        return
            ([waiting, failure] + problems.map { "\($0.code): \($0.subject)" }
            + [SettingRemarks.restricted(restricted), SettingRemarks.changedLocally(changedLocally)])
            .filter { !$0.isEmpty }.joined(separator: "; ")
    }
}

extension DeviceSettingEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "APPLICATION"), .init(title: "KEY"), .init(title: "VALUE"), .init(title: "LOCK"), .init(title: "FROM"),
        .init(title: "REMARKS"),
    ]

    var cells: [String] {
        [
            application, key, ValueWords.text(value), ValueWords.lock(locked), from,
            Shown.text(
                [restricted ? SettingRemarks.isRestricted : "", changedLocally ? "changed locally" : ""]
                    .filter { !$0.isEmpty }.joined(separator: "; ")),
        ]
    }

    /// An application with a file of its own is told nothing where nothing is set: what the file says is not known here.
    private var from: String {
        let isKnown = [ApplicationID.networkAgent, .deviceStatus].map(\.description).contains(application)
        return origin.kind == "default" && !isKnown ? "default or as on the device" : origin.words
    }

    /// The line of the setting, then what it overrides, the next first.
    var explained: [[String]] {
        [cells] + overrides.map { ["", "", "not \(ValueWords.text($0.value))", ValueWords.lock($0.locked), $0.origin.words, ""] }
    }
}

enum ManifestWords {
    static func text(_ standing: String) -> String { standing == "not-accepted" ? "not accepted" : standing }
}

enum SettingRemarks {
    static let isRestricted = "restricted by the device"

    static func restricted(_ keys: [String]) -> String { keys.isEmpty ? "" : "\(isRestricted): \(keys.joined(separator: ", "))" }

    static func changedLocally(_ keys: [String]) -> String {
        keys.isEmpty ? "" : "changed locally: \(keys.joined(separator: ", "))"
    }
}
