import MusterAPI
import MusterModel

/// Which events a reader wants: `device`, `severity` (that or worse), `since` (when they occurred).
struct EventFilter: Sendable, Equatable {
    var device: DeviceID?
    var severity: Severity?
    var since: Timestamp?

    init(_ query: QueryParameters) throws(Problem) {
        device = try query.value("device", expected: "a device's id")
        if let text = query["severity"] {
            guard let severity = Severity(code: text) else {
                throw .parameter(
                    "severity", "'\(text.prefix(32))' is not a severity.",
                    allowed: Severity.allCases.map(\.code).joined(separator: ", "))
            }
            self.severity = severity
        }
        since = try query.value("since", expected: "a time, as 2026-11-24T14:30:00.000Z")
    }
}
