package import MusterModel

/// What a check is about: whom to connect to, through what, and as whom.
package struct CheckSubject: Hashable, Sendable {
    /// Where all that comes from, and whether an agent runs.
    package enum Origin: Hashable, Sendable {
        /// Given on the command line or in a connection file: as before enrolment.
        case given
        /// The state directory of a running agent.
        case running
        /// The state directory, and no agent runs on it.
        case stopped(lastSynchronization: Timestamp?)
        /// The state directory of an agent that runs and does not answer.
        case silent
        /// The state directory cannot be used, and this is what could be read of it.
        case damaged(AgentError.Code, reason: String)
    }

    package var origin: Origin
    package var servers: [ServerAddress]
    package var proxy: ProxyAddress?
    package var pins: [Fingerprint]
    /// Nil: as a device that is not enrolled.
    package var identity: Identity?

    package init(
        origin: Origin, servers: [ServerAddress], proxy: ProxyAddress? = nil, pins: [Fingerprint], identity: Identity? = nil
    ) {
        self.origin = origin
        self.servers = servers
        self.proxy = proxy
        self.pins = pins
        self.identity = identity
    }
}
