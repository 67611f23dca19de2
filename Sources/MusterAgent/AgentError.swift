import Glibc
package import MusterModel

/// What can go wrong in the agent, for people (`reason`: what happened and what to do) and for programs (`code`).
package struct AgentError: Error {
    /// Stable names: in JSON of the control socket, in logs and in tests.
    package enum Code: String, Hashable, Sendable, Codable, CaseIterable {
        /// The state directory or its database is missing, or may not be used.
        case stateUnavailable
        /// What is there as the state directory is no directory, or others may write to it.
        case stateUnsuitable
        /// The database is not one, fails its check, lacks tables, or holds a certificate without its key.
        case stateDamaged
        /// Written by a newer agent.
        case stateNewer
        /// No room on the disk. Nothing of the transaction was stored; everything before it is.
        case storageFull
        /// Reading or writing failed in another way.
        case storageFailed
        /// Another agent has this state directory.
        case alreadyRunning
        /// Nothing answers at the control socket.
        case notRunning
        case notEnrolled
        case alreadyEnrolled
        /// No connection file, or one that is damaged.
        case connectionFileInvalid
        /// A connection file of another server than the one this device is enrolled at.
        case otherServer
        /// The event breaks a rule: its type's spelling, its number of parameters.
        case eventInvalid
        /// Over 8 KiB even after long texts were cut.
        case eventTooLarge
        /// A source of the inventory could not be read.
        case sourceUnreadable
        /// The other end of the control socket sent something that is not the control protocol.
        case controlProtocol
        /// The control socket's caller is neither root nor the agent's user.
        case controlRefused
        case timedOut
        /// A connection to the server failed or was refused; the reason has the close reason.
        case connectionFailed
        case notSupported
        case internalError
    }

    package let code: Code
    package let reason: String
    package let underlying: (any Error)?
    /// Of `connectionFailed`, in the program where it happened: it does not travel over the control socket.
    package let closeReason: CloseReason?

    package init(_ code: Code, _ reason: String, underlying: (any Error)? = nil, closeReason: CloseReason? = nil) {
        self.code = code
        self.reason = reason
        self.underlying = underlying
        self.closeReason = closeReason
    }
}

extension AgentError: CustomStringConvertible {
    package var description: String { underlying.map { "\(reason) (\($0))" } ?? reason }
}

extension AgentError {
    static func damaged(_ path: String, _ what: String) -> Self {
        Self(
            .stateDamaged,
            """
            \(path): \(what). Restore this file from a copy, or move it away and enrol this device again \
            (muster-agent enrol …).
            """)
    }

    /// The state of a call of the operating system that failed, in words.
    static func system(_ code: Code, _ what: String, _ number: Int32) -> Self {
        Self(number == ENOSPC || number == EDQUOT ? .storageFull : code, "\(what): \(SystemCall.text(of: number))")
    }
}
