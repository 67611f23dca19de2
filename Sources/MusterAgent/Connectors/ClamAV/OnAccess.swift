import MusterModel

/// Whether clamonacc does what its unit is there for. Rules only.
struct OnAccess: Hashable, Sendable {
    enum Standing: Hashable, Sendable {
        /// It is not to run.
        case off
        case starting
        case up
        /// It is to run, and does not.
        case down
    }

    static let failed = "onAccessFailed"
    /// One that may not watch, or finds nobody to scan for it, ends within moments; systemd calls it active until then.
    private static let settling: Int64 = 5

    let standing: Standing
    /// For people: `active`, `inactive`, `failed` …
    let shown: String
    /// When it became active, by the steady clock; nil: it never was, or that is not known.
    let since: Int64?
    /// How it failed: `exit-code`, `signal` …
    private let result: String

    /// - Parameter uptime: of the device, in seconds.
    init(_ unit: UnitListing.Unit, uptime: Int64?) {
        standing = Self.standing(unit, uptime)
        since = unit.activeSince
        // Debian's unit is stopped by SIGKILL, which systemd takes for a failure.
        shown = standing == .off && unit.active == "failed" ? "inactive" : unit.active
        result = ["", "success"].contains(unit.result) ? unit.active : unit.result
    }

    private static func standing(_ unit: UnitListing.Unit, _ uptime: Int64?) -> Standing {
        guard unit.file == "enabled" else { return .off }
        if unit.isRestarting { return .down }
        if unit.isQueued { return .starting }
        switch unit.active {
        case "failed", "inactive": return .down
        case "active":
            guard let uptime, let since = unit.activeSince, since > 0 else { return .up }
            return uptime - since / 1_000_000 < settling ? .starting : .up
        default: return .starting
        }
    }

    /// What keeps the setting from being in force.
    /// - Parameters:
    ///   - isClamdThere: without it clamonacc does not run; nil: that is not known yet.
    ///   - error: what clamonacc said.
    func obstacle(isClamdThere: Bool?, error: @autoclosure () -> String?) -> ConnectorReading.Obstacle? {
        switch (standing, isClamdThere) {
        case (.off, _), (.up, _): nil
        case (.starting, _), (.down, nil): .notYet
        case (.down, false):
            .failure(
                ConnectorError(
                    Self.failed, "clamonacc does not run, since clamd does not: start \(ClamUnits.daemon) on the device"))
        case (.down, true):
            .failure(
                ConnectorError(
                    Self.failed, "clamonacc does not stay up (\(ClamUnits.onAccess): \(result)): \(Self.advice(error()))"))
        }
    }

    private static func advice(_ error: String?) -> String {
        guard let error else { return "journalctl -u \(ClamUnits.onAccess) on the device says why" }
        return "\(error). Mend that on the device, or set \(ClamAVKey.onAccess) to off"
    }
}
