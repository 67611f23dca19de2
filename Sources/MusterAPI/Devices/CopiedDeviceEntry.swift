package import MusterModel

/// A device that comes from two machines or more.
package struct CopiedDeviceEntry: Codable, Sendable, Hashable {
    package struct Machine: Codable, Sendable, Hashable {
        package var address: String
        package var lastRefused: Timestamp

        package init(address: String, lastRefused: Timestamp) {
            self.address = address
            self.lastRefused = lastRefused
        }
    }

    package var id: DeviceID
    package var name: String
    /// Since when it is known.
    package var since: Timestamp
    /// Until when machines that are refused get an identity of their own; absent: that is not decided.
    package var splitUntil: Timestamp?
    /// Where the device that is served came from last.
    package var address: String?
    /// The last 16 that were refused since the server's start, the newest last.
    package var refused: [Machine]

    package init(
        id: DeviceID, name: String, since: Timestamp, splitUntil: Timestamp? = nil, address: String? = nil, refused: [Machine]
    ) {
        self.id = id
        self.name = name
        self.since = since
        self.splitUntil = splitUntil
        self.address = address
        self.refused = refused
    }
}
