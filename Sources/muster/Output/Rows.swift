import MusterAPI
import MusterModel

// What each list shows of an item; JSON has everything.

extension DeviceEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "NAME"), .init(title: "STATUS"), .init(title: "GROUP"), .init(title: "TAGS"),
        .init(title: "OPERATING SYSTEM"), .init(title: "AGENT"),
        .init(title: "INSTALLED", right: true), .init(title: "CONNECTION"), .init(title: "SINCE"),
        .init(title: "LAST CONNECTION"), .init(title: "NEXT SYNCHRONIZATION"),
    ]

    var cells: [String] {
        [
            id.description, name, status.level, group?.path ?? GroupWord.unassigned, Shown.text(tags.joined(separator: " ")),
            Shown.text(operatingSystem), Shown.text(agentVersion), String(installedCount),
            connectionState.words, Shown.time(connectionState.since), Shown.time(lastConnection),
            Shown.time(nextSynchronization),
        ]
    }
}

extension ConnectionEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "FROM"), .init(title: "UNTIL"), .init(title: "TIMES", right: true), .init(title: "ADDRESS"),
        .init(title: "CAME BECAUSE"), .init(title: "HOW IT ENDED"), .init(title: "DOCUMENTS", right: true),
        .init(title: "EVENTS", right: true),
    ]

    var cells: [String] {
        [
            Shown.time(opened), closed == nil ? "open" : Shown.time(closed), String(count), address, causeWords, endWords,
            String(documents), String(events),
        ]
    }
}

extension CopiedDeviceEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "DEVICE"), .init(title: "ID"), .init(title: "SINCE"), .init(title: "SERVED AT"),
        .init(title: "REFUSED", right: true), .init(title: "LAST REFUSED"), .init(title: "AT"), .init(title: "SPLIT UNTIL"),
    ]

    var cells: [String] {
        [
            name, id.description, Shown.time(since), Shown.text(address), String(refused.count),
            Shown.time(refused.last?.lastRefused), Shown.text(refused.last?.address), Shown.time(splitUntil),
        ]
    }
}

extension InstalledEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "DEVICE"), .init(title: "NAME"), .init(title: "VERSION"), .init(title: "ARCHITECTURE"),
        .init(title: "SOURCE"), .init(title: "SIZE", right: true), .init(title: "FIRST SEEN"),
    ]

    var cells: [String] {
        [deviceName, name, version, Shown.text(architecture), source, Shown.size(size), Shown.time(firstSeen)]
    }
}

extension EventEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "POSITION", right: true), .init(title: "OCCURRED"), .init(title: "SEVERITY"), .init(title: "DEVICE"),
        .init(title: "TYPE"), .init(title: "TEXT"),
    ]

    var cells: [String] {
        [String(position), Shown.time(occurred), severity.code, deviceName ?? device?.description ?? "(server)", type, text]
    }
}

extension PackageEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "NAME"), .init(title: "SERVER ADDRESSES"), .init(title: "DOWNLOADS", right: true),
        .init(title: "DEVICES", right: true), .init(title: "CHANGED"),
    ]

    var cells: [String] {
        [
            id.description, name, servers.joined(separator: ", "), String(downloads), String(devices), Shown.time(changed),
        ]
    }
}

extension PackageDeviceEntry: TableRow {
    static let columns: [Table.Column] = [.init(title: "DEVICE"), .init(title: "ID"), .init(title: "ENROLLED")]

    var cells: [String] { [name, device.description, Shown.time(enrolled)] }
}

extension EnrolmentTokenEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "NAME"), .init(title: "USES", right: true), .init(title: "OF", right: true),
        .init(title: "EXPIRES"), .init(title: "REVOKED"), .init(title: "GROUP"), .init(title: "TAGS"), .init(title: "APPROVAL"),
    ]

    var cells: [String] {
        [
            id.description, Shown.text(name), String(uses), maximumUses.map(String.init) ?? Shown.nothing, Shown.time(expires),
            Shown.time(revoked), Shown.text(group?.path), Shown.text(tags.joined(separator: " ")), Shown.yesNo(approval),
        ]
    }
}

extension APITokenEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "NAME"), .init(title: "ROLE"), .init(title: "REACH"), .init(title: "EXPIRES"),
        .init(title: "REVOKED"), .init(title: "MADE BY"),
    ]

    var cells: [String] {
        [
            id.description, Shown.text(name), role.rawValue, "\(reach)", Shown.time(expires), Shown.time(revoked),
            createdBy.map { PrincipalWords.text($0, createdByName) } ?? Shown.nothing,
        ]
    }
}

extension ActionOrderEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "ACTION"), .init(title: "ORDERED"), .init(title: "EXPIRES"),
        .init(title: "DEVICES", right: true), .init(title: "HOW FAR"),
    ]

    var cells: [String] {
        let parts = ActionProgress.allCases.compactMap { progress in counts[progress.code].map { "\(progress.code) \($0)" } }
        return [id.description, kind, Shown.time(created), Shown.time(expires), String(total), parts.joined(separator: " · ")]
    }
}

extension ActionEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "DEVICE"), .init(title: "ID"), .init(title: "ACTION"), .init(title: "PROGRESS"), .init(title: "SENT"),
        .init(title: "ACCEPTED"), .init(title: "ENDED"), .init(title: "HOW"),
    ]

    var cells: [String] {
        [
            deviceName, device.description, kind, progress, Shown.time(sent), Shown.time(accepted), Shown.time(ended),
            Shown.text(step(permanent: nil)),
        ]
    }
}
