package import MusterModel

/// An event as the server stored it. `text` comes from the device: hostile text wherever it is shown.
package struct EventEntry: Codable, Sendable, Hashable, Identifiable {
    /// The same for ever: made from the device, the spool's epoch and the number in it.
    package var id: EventID
    /// Absent for events about the server itself.
    package var device: DeviceID?
    package var deviceName: String?
    /// Its place among all events, in order of commit; lists and followers go by it.
    package var position: Int64
    /// What `sequence` counts in: 16 hexadecimal digits, new when the device was put back to an earlier copy of itself. Absent for events
    /// the server itself raised.
    package var epoch: String?
    /// Its number in the order of its device; 0 for events the server itself raised.
    package var sequence: UInt64
    /// How many numbers it takes: 1, or the length of a gap.
    package var count: UInt64
    package var type: String
    package var severity: Severity
    package var text: String
    package var parameters: Parameters
    /// The device's clock, corrected by the offset known when it was sent.
    package var occurred: Timestamp
    package var received: Timestamp

    package init(
        id: EventID, device: DeviceID?, deviceName: String? = nil, position: Int64, epoch: String? = nil, sequence: UInt64,
        count: UInt64 = 1,
        type: String, severity: Severity, text: String, parameters: Parameters = [:], occurred: Timestamp,
        received: Timestamp
    ) {
        self.id = id
        self.device = device
        self.deviceName = deviceName
        self.position = position
        self.epoch = epoch
        self.sequence = sequence
        self.count = count
        self.type = type
        self.severity = severity
        self.text = text
        self.parameters = parameters
        self.occurred = occurred
        self.received = received
    }
}
