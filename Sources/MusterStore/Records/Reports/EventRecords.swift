package import MusterModel

/// An event as it stands in the database.
package struct EventRecord: Hashable, Sendable {
    /// Given in the order of commits: lists and followers go by it.
    package var position: Int64
    /// Nil for events about the server itself.
    package var device: DeviceID?
    /// 0 for events the server raised.
    package var epoch: UInt64
    package var sequence: UInt64
    /// How many numbers it stands for: more than 1 for a gap.
    package var count: UInt64
    package var type: String
    package var severity: Severity
    package var text: String
    /// JSON; see `Parameters.init(jsonText:)`.
    package var parametersText: String
    /// Corrected by the device's offset from the server's clock.
    package var occurred: Timestamp
    /// By the device's own clock.
    package var occurredRaw: Timestamp
    package var received: Timestamp

    package var parameters: Parameters { Parameters(jsonText: parametersText) ?? [:] }
}

/// An event of a device, to be stored.
package struct StoredEventInput: Hashable, Sendable {
    package var sequence: UInt64
    package var count: UInt64
    /// Tells it from any other event that ever had its number; 0: not known.
    package var stamp: UInt64
    package var type: String
    package var severity: Severity
    package var text: String
    package var parametersText: String
    package var occurred: Timestamp
    package var occurredRaw: Timestamp
    /// Of the start or end of a run.
    package var run: RunReport?
    /// Where it stood before roll-backs: if it is stored at one of them already it is not stored again.
    package var formerly: [EventSequence]

    package init(
        sequence: UInt64, count: UInt64 = 1, stamp: UInt64 = 0, type: String, severity: Severity, text: String,
        parameters: Parameters = [:],
        occurred: Timestamp, occurredRaw: Timestamp, formerly: [EventSequence] = []
    ) {
        self.sequence = sequence
        self.count = count
        self.stamp = stamp
        self.type = type
        self.severity = severity
        self.text = text
        parametersText = parameters.jsonText
        self.occurred = occurred
        self.occurredRaw = occurredRaw
        self.formerly = formerly
        run = RunReport(DeviceEvent(type: type, severity: severity, occurred: occurredRaw, parameters: parameters, text: ""))
    }
}

/// An event the server itself raises, about a device or about itself (nil).
package struct ServerEvent: Hashable, Sendable {
    package var device: DeviceID?
    package var type: String
    package var severity: Severity
    package var text: String
    package var parameters: Parameters

    package init(device: DeviceID?, type: String, severity: Severity, text: String, parameters: Parameters = [:]) {
        self.device = device
        self.type = type
        self.severity = severity
        self.text = text
        self.parameters = parameters
    }
}

package enum EventWriteResult: Hashable, Sendable {
    /// All are durable; `lastPosition` is the newest position of the database after them.
    case stored(lastPosition: Int64)
    /// They do not follow what is stored of this epoch, which ends there (0: nothing of it).
    case outOfOrder(StoredPlace)
}
