package import MusterModel

/// One entry of a device's history of connections: a connection or a refusal, or a run of like ones.
package struct ConnectionRecord: Hashable, Sendable {
    /// Its place in the order of all entries; given by who writes them.
    package var number: Int64
    package var device: DeviceID
    /// The device was known and not served.
    package var isRefusal: Bool
    /// How many it stands for.
    package var count: Int64
    /// Of the first.
    package var opened: Timestamp
    /// Of the last; nil while it is open.
    package var closed: Timestamp?
    /// Of the last; so are the following three.
    package var address: String
    /// The code of the reason in Hello: why the device came.
    package var hello: String
    package var reason: CloseReason?
    /// Partly the device's own word: hostile text. Cut to 200 bytes when it is stored.
    package var text: String
    /// Documents and events stored, in all.
    package var documents: Int64
    package var events: Int64

    package init(
        number: Int64, device: DeviceID, isRefusal: Bool = false, count: Int64 = 1, opened: Timestamp, closed: Timestamp? = nil,
        address: String, hello: String, reason: CloseReason? = nil, text: String = "", documents: Int64 = 0, events: Int64 = 0
    ) {
        self.number = number
        self.device = device
        self.isRefusal = isRefusal
        self.count = count
        self.opened = opened
        self.closed = closed
        self.address = address
        self.hello = hello
        self.reason = reason
        self.text = text
        self.documents = documents
        self.events = events
    }
}
