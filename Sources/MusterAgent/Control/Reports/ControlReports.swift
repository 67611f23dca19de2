package import MusterModel

/// What a synchronization moved, for whoever asked for it.
package struct SyncReport: Codable, Hashable, Sendable {
    package var documentsSent: Int
    /// As they travelled: patched and deflated.
    package var documentBytesSent: Int
    package var documentsReceived: Int
    package var events: Int
    package var certificateRenewed: Bool
    /// From the request to the end of the session.
    package var durationSeconds: Double
    /// By the device's clock.
    package var nextSynchronization: Timestamp?

    package init(
        documentsSent: Int = 0, documentBytesSent: Int = 0, documentsReceived: Int = 0, events: Int = 0,
        certificateRenewed: Bool = false, durationSeconds: Double, nextSynchronization: Timestamp? = nil
    ) {
        self.documentsSent = documentsSent
        self.documentBytesSent = documentBytesSent
        self.documentsReceived = documentsReceived
        self.events = events
        self.certificateRenewed = certificateRenewed
        self.durationSeconds = durationSeconds
        self.nextSynchronization = nextSynchronization
    }
}

/// Where an event raised by a local program stands: it is durable, not necessarily sent.
package struct RaiseReport: Codable, Hashable, Sendable {
    /// Decimal text: 64 random bits do not fit the numbers of most JSON readers.
    package var epoch: String
    package var sequence: UInt64

    package init(epoch: UInt64, sequence: UInt64) {
        self.epoch = String(epoch)
        self.sequence = sequence
    }
}

/// What became of a connection file that was given to the running agent.
package struct ConnectionFileReport: Codable, Hashable, Sendable {
    package var device: DeviceID
    /// The address that answered.
    package var server: String
    /// Whether the device enrolled by it; else it took the addresses.
    package var isNew: Bool
}
