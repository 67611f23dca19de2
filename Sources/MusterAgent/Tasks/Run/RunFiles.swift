import FoundationEssentials
import MusterModel

/// What an agent gives the process of a run, possibly of another version: unknown members are ignored, what is missing has its meaning.
struct RunOrderFile: Codable, Hashable, Sendable {
    var version = 1
    var run: RunID
    /// As an action carries it.
    var task: [UInt8]
    /// The directory of the connectors of others; nil: of an agent that gave them no tasks.
    var connectors: String?
}

/// Written once the process of a run has the right to do it.
struct RunStartFile: Codable, Hashable, Sendable {
    var started: Timestamp
}

/// What it does just now.
struct RunProgressFile: Codable, Hashable, Sendable {
    /// In thousandths.
    var share: Int?
    var step: String
}

/// How it ended: the last file that is written.
struct RunResultFile: Codable, Hashable, Sendable {
    var result: TaskResult
    var exitCode: Int32?
    var code = ""
    var text = ""
    var figures: [String: Int64] = [:]
    var ended: Timestamp
}

/// An event that the process of a run has to tell: a line of the folder's events.
struct RunEventLine: Codable, Hashable, Sendable {
    var type: String
    var severity: Severity
    var occurred: Timestamp
    var parameters: Parameters
    var text: String

    init(_ event: DeviceEvent) {
        type = event.type
        severity = event.severity
        occurred = event.occurred
        parameters = event.parameters
        text = event.text
    }

    /// As the spool keeps it; nil for what it would not take: one such line of another version must not hold up all tasks.
    var event: DeviceEvent? {
        try? DeviceEvent(type: type, severity: severity, occurred: occurred, parameters: parameters, text: text).fitted()
    }
}
