package import MusterModel

/// How it stands with a device's connection.
package struct ConnectionStateEntry: Codable, Sendable, Hashable {
    /// A `ConnectionState`'s code: `on-schedule`, `shut-down` …; newer servers may have others.
    package var code: String
    package var since: Timestamp
    /// Of a refused device: the code of the close reason.
    package var reason: String?
    /// Of a device whose box *Do not disconnect from the Administration Server* is ticked, while it is not connected.
    package var permanentConnectionLostSince: Timestamp?

    package init(_ status: ConnectionStatus) {
        code = status.state.code
        since = status.since
        reason = status.reason?.code
        permanentConnectionLostSince = status.permanentConnectionLostSince
    }
}

/// The last time a device was refused: a run of refusals with one reason.
package struct RefusalEntry: Codable, Sendable, Hashable {
    /// The code of the close reason.
    package var reason: String
    /// English; may be empty.
    package var text: String
    package var address: String
    package var count: Int64
    package var first: Timestamp
    package var last: Timestamp

    package init(reason: String, text: String, address: String, count: Int64, first: Timestamp, last: Timestamp) {
        self.reason = reason
        self.text = text
        self.address = address
        self.count = count
        self.first = first
        self.last = last
    }
}

/// One entry of a device's history of connections: `GET /devices/{id}/connections`. A connection or refusal, or a run of like ones.
package struct ConnectionEntry: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, CaseIterable { case connection, refusal }

    package var number: Int64
    package var kind: Kind
    /// How many it stands for.
    package var count: Int64
    /// When the first of them began.
    package var opened: Timestamp
    /// When the last of them ended; absent while it is open.
    package var closed: Timestamp?
    package var address: String
    /// Why the device came: `interval`, `event` …
    package var cause: String
    /// The code of the close reason; absent while it is open.
    package var reason: String?
    /// With the reason, in English; partly the device's own word: hostile text. May be empty.
    package var text: String
    /// Stored in all of them.
    package var documents: Int64
    package var events: Int64

    package init(
        number: Int64, kind: Kind, count: Int64, opened: Timestamp, closed: Timestamp?, address: String, cause: String,
        reason: String?, text: String, documents: Int64, events: Int64
    ) {
        self.number = number
        self.kind = kind
        self.count = count
        self.opened = opened
        self.closed = closed
        self.address = address
        self.cause = cause
        self.reason = reason
        self.text = text
        self.documents = documents
        self.events = events
    }
}
