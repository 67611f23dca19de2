package import MusterModel

/// What happened between two lists of installed applications, as events. Rules only.
package struct InstalledDifference: Hashable, Sendable {
    /// Single events of one change; what goes beyond is counted in one event a type. A change of release touches thousands of packages:
    /// 200 events of some 200 bytes are 40 KB, and nobody reads more.
    package static let maximumSingleEvents = 200

    private let changes: [Change]

    package init(from old: [InstalledApplication], to new: [InstalledApplication]) {
        let olds = Dictionary(old.map { (Key($0), $0) }, uniquingKeysWith: { $1 })
        let news = Dictionary(new.map { (Key($0), $0) }, uniquingKeysWith: { $1 })
        var removed = olds.filter { news[$0.key] == nil }
        var changes: [Change] = []
        for (key, application) in news {
            guard let before = olds[key] ?? Self.takePredecessor(of: application, from: &removed) else {
                changes.append(Change(kind: .installed, application: application))
                continue
            }
            guard before.version != application.version else { continue }
            changes.append(Change(kind: .updated, application: application, previousVersion: before.version))
        }
        changes += removed.values.map { Change(kind: .removed, application: $0) }
        self.changes = changes.sorted()
    }

    /// No application came, went or has another version. (One may have another size.)
    package var isEmpty: Bool { changes.isEmpty }

    /// In order of source, name and architecture; what is only counted comes last.
    package func events(at now: Timestamp) -> [DeviceEvent] {
        let rest = changes.dropFirst(Self.maximumSingleEvents)
        let counts = Change.Kind.allCases.map { kind in (kind, rest.count { $0.kind == kind }) }
        return changes.prefix(Self.maximumSingleEvents).map { $0.event(at: now) }
            + counts.filter { $0.1 > 0 }.map { Change.event($0, count: $1, at: now) }
    }

    /// A package may change from `all` to the device's architecture, or back, when it is updated: that is no removal.
    private static func takePredecessor(
        of application: InstalledApplication, from removed: inout [Key: InstalledApplication]
    ) -> InstalledApplication? {
        var key = Key(application)
        if key.architecture != "all" {
            key.architecture = "all"
            return removed.removeValue(forKey: key)
        }
        let candidates = removed.keys.filter { $0.source == key.source && $0.name == key.name }
        return candidates.count == 1 ? removed.removeValue(forKey: candidates[0]) : nil
    }
}

private struct Key: Hashable {
    var source: String
    var name: String
    var architecture: String

    init(_ application: InstalledApplication) {
        source = application.source
        name = application.name
        architecture = application.architecture
    }
}

/// What happened to one application.
private struct Change: Hashable, Sendable {
    enum Kind: CaseIterable {
        case installed, updated, removed
    }

    var kind: Kind
    /// As it is now; a removed one as it was.
    var application: InstalledApplication
    var previousVersion: String?

    func event(at now: Timestamp) -> DeviceEvent {
        var parameters: Parameters = [
            "source": .text(application.source), "name": .text(application.name), "version": .text(application.version),
            "architecture": .text(application.architecture),
        ]
        parameters["previousVersion"] = previousVersion.map { .text($0) }
        let architecture = application.architecture.isEmpty ? "" : " (\(application.architecture))"
        let from = previousVersion.map { " from \($0)" } ?? ""
        return DeviceEvent(
            type: kind.eventType, severity: .info, occurred: now, parameters: parameters,
            text: "\(application.name) \(application.version)\(architecture) was \(kind)\(from)")
    }

    /// One event for many.
    static func event(_ kind: Kind, count: Int, at now: Timestamp) -> DeviceEvent {
        DeviceEvent(
            type: kind.eventType, severity: .info, occurred: now, parameters: ["count": .integer(Int64(count))],
            text: count == 1 ? "1 more application was \(kind)" : "\(count) more applications were \(kind)")
    }
}

extension Change.Kind {
    fileprivate var eventType: String {
        switch self {
        case .installed: EventType.applicationInstalled
        case .updated: EventType.applicationUpdated
        case .removed: EventType.applicationRemoved
        }
    }
}

extension Change: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        let (one, other) = (left.application, right.application)
        return (one.source, one.name, one.architecture) < (other.source, other.name, other.architecture)
    }
}
