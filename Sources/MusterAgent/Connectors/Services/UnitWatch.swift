import MusterModel
import MusterSession

/// What the states of watched units mean: facts, problems, and events about what changed. Rules only.
struct UnitWatch {
    /// As a fact says it.
    enum Standing: String, Hashable, Sendable {
        case active, inactive, failed
        case notFound = "not-found"
    }

    private static let factPrefix = "unit/"

    private(set) var facts: [ApplicationFact] = []
    private(set) var problems: [ApplicationProblem] = []
    private(set) var statistics: [String: Int64] = [:]
    private(set) var events: [DeviceEvent] = []

    /// - Parameter before: what was reported of them last.
    init(_ names: [String], _ listing: UnitListing, after before: ApplicationReport?, now: Timestamp) {
        let known = Self.standings(before)
        for name in names {
            let unit = listing[name]
            // A template alone is no unit.
            let standing = name.contains("@.") ? .notFound : Self.standing(unit, before: known[name])
            facts.append(ApplicationFact(name: Self.factPrefix + name, text: standing.rawValue))
            if standing == .failed { problems.append(ApplicationProblem(code: ApplicationProblem.unitFailed, subject: name)) }
            add(name, unit)
            if let event = Self.event(name, unit, from: known[name], to: standing, now) { events.append(event) }
        }
    }

    var state: ApplicationState { problems.isEmpty ? .running : .failed }

    private static func standings(_ report: ApplicationReport?) -> [String: Standing] {
        var standings: [String: Standing] = [:]
        for fact in report?.facts ?? [] where fact.name.hasPrefix(factPrefix) {
            standings[String(fact.name.dropFirst(factPrefix.count))] = Standing(rawValue: fact.text)
        }
        return standings
    }

    /// A unit on its way, or one that systemd says nothing of, is what it was: a service that fails and is started again and again does
    /// not recover between two failures.
    private static func standing(_ unit: UnitListing.Unit?, before: Standing?) -> Standing {
        guard let unit else { return before ?? .inactive }
        if unit.load == "not-found" { return .notFound }
        return switch unit.active {
        case "active", "reloading", "refreshing": .active
        case "failed": .failed
        case "activating", "deactivating": before == .notFound ? .inactive : before ?? .inactive
        default: .inactive
        }
    }

    private mutating func add(_ name: String, _ unit: UnitListing.Unit?) {
        for (kind, value) in [("restarts", unit?.restarts), ("memory-bytes", unit?.memory)] {
            // A name that does not fit into statistics has none.
            guard let value, DeviceStatistics.isName("\(kind)/\(name)") else { continue }
            statistics["\(kind)/\(name)"] = value
        }
    }

    private static func event(
        _ name: String, _ unit: UnitListing.Unit?, from before: Standing?, to now: Standing, _ time: Timestamp
    ) -> DeviceEvent? {
        switch (before, now) {
        case (.failed, .failed): return nil
        case (_, .failed):
            let result = unit?.result ?? ""
            return DeviceEvent(
                type: EventType.unitFailed, severity: .error, occurred: time,
                parameters: ["unit": .text(name), "result": .text(result)], text: "\(name) failed (\(result))")
        case (.failed, .active), (.failed, .inactive):
            return DeviceEvent(
                type: EventType.unitRecovered, severity: .info, occurred: time, parameters: ["unit": .text(name)],
                text: "\(name) is well again")
        default: return nil
        }
    }
}
