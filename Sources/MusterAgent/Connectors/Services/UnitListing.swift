import MusterModel

/// What `systemctl show` says of some units. Rules only.
struct UnitListing: Hashable, Sendable {
    struct Unit: Hashable, Sendable {
        var load = ""
        var active = ""
        /// `success`, or how it failed: `exit-code`, `signal`, `timeout` …
        var result = ""
        var restarts: Int64?
        /// Bytes; nil where systemd does not count it.
        var memory: Int64?
        /// `enabled`, `disabled`, `masked` …: whether it is started by itself.
        var file = ""
        /// Since when it is active, in microseconds of the clock that nobody sets; nil or 0: it is not.
        var activeSince: Int64?
        /// systemd is about to start, stop or restart it.
        var isQueued = false
        /// It ended, and systemd starts it again after a while.
        var isRestarting = false
    }

    static let properties = ["Names", "LoadState", "ActiveState", "Result", "NRestarts", "MemoryCurrent"]

    /// Those that say whether a unit protects.
    static let standing = [
        "Names", "LoadState", "ActiveState", "Result", "UnitFileState", "ActiveEnterTimestampMonotonic", "Job", "SubState",
    ]

    private var units: [String: Unit] = [:]

    /// Blocks of lines `NAME=VALUE` with an empty one between them; each names its unit, aliases too.
    init(_ text: String) {
        var (unit, names) = (Unit(), [Substring]())
        func add(_ units: inout [String: Unit]) { for name in names { units[String(name)] = unit } }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let sign = line.firstIndex(of: "=") else {
                add(&units)
                (unit, names) = (Unit(), [])
                continue
            }
            let value = line[line.index(after: sign)...]
            switch line[..<sign] {
            case "Names": names = value.split(separator: " ")
            case "LoadState": unit.load = String(value)
            case "ActiveState": unit.active = String(value)
            case "Result": unit.result = String(value)
            case "NRestarts": unit.restarts = Int64(value)
            case "UnitFileState": unit.file = String(value)
            case "ActiveEnterTimestampMonotonic": unit.activeSince = Int64(value)
            // Its number; empty or 0: there is none.
            case "Job": unit.isQueued = (Int64(value) ?? 0) > 0
            case "SubState": unit.isRestarting = value.hasPrefix("auto-restart")
            // `[not set]`, or the largest number there is.
            case "MemoryCurrent": unit.memory = Int64(value)
            default: break
            }
        }
        add(&units)
    }

    /// Nil for one that systemd said nothing of.
    subscript(_ name: String) -> Unit? { units[name] }
}
