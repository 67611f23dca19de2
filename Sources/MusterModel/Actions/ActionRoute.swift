/// How an action reaches its device. The code is what tables and people see.
package enum ActionRoute: String, CaseIterable, Hashable, Sendable {
    /// Said over the permanent connection, or a session that was open anyway.
    case connection
    /// A connection request was sent; the device connected.
    case connectionRequest
    /// It is said at the next synchronization: nothing listens for connection requests there, as far as is known.
    case synchronization
    /// It is said at the next synchronization: a connection request was sent, and the device did not come.
    case noAnswer
}
