/// The steps of `muster-agent check`, in the order they are walked. The raw value is the step's name in JSON.
package enum CheckStep: String, Codable, CaseIterable, Sendable {
    /// The agent's own state directory, or what was given in its place.
    case state
    /// The server's name, or the proxy's.
    case name
    case proxy
    case tcp
    case tls
    case serverKey = "server-key"
    /// Whether the server serves this device.
    case authorization
    case clock
    case synchronization
    case udp

    /// Of `muster-agent check` when this is the first step that failed: 10 to 19. Never changed: scripts go by it.
    package var exitCode: Int32 {
        switch self {
        case .state: 10
        case .name: 11
        case .proxy: 12
        case .tcp: 13
        case .tls: 14
        case .serverKey: 15
        case .authorization: 16
        case .clock: 17
        case .synchronization: 18
        case .udp: 19
        }
    }
}

package enum CheckVerdict: String, Codable, Sendable {
    case ok, failed
    case notTried = "not-tried"
}
