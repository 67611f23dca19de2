/// What came of asking a device to connect now, for whoever asked.
package enum ConnectionRequestOutcome: Hashable, Sendable {
    /// A session of the device began.
    case connected(after: Duration)
    /// Sent, and nothing in 5 s: the port is closed on the way, the device is off, or its address is not its own.
    case noAnswer
    /// Nothing was sent: a session is open.
    case alreadyConnected
    /// Nothing was sent: the device says that it does not listen.
    case notListening
    /// Nothing was sent: the device never reported a UDP port.
    case portUnknown
    /// Nothing was sent: it never connected.
    case addressUnknown
    /// Nothing was sent: too many others wait for their turn.
    case tooMany
    /// The system did not take it: no route, no such address family.
    case notSent(String)
    case unknownDevice

    /// As in JSON and logs.
    package var code: String {
        switch self {
        case .connected: "connected"
        case .noAnswer: "no-answer"
        case .alreadyConnected: "already-connected"
        case .notListening: "not-listening"
        case .portUnknown: "port-unknown"
        case .addressUnknown: "address-unknown"
        case .tooMany: "too-many"
        case .notSent: "not-sent"
        case .unknownDevice: "unknown-device"
        }
    }
}
