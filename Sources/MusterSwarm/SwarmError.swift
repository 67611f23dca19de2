/// What keeps the swarm from running at all. What goes wrong on a device's connection is counted instead, by its CloseReason.
package struct SwarmError: Error, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The server's name is not resolved.
        case unresolved
        /// The kept fleet cannot be read or written, or is another one.
        case badState
        /// Options that do not go together.
        case badOption
        case internalError
    }

    package let code: Code
    package let reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { reason }
}
