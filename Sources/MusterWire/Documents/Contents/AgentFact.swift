/// The names of facts in the document `agent`. A fact that is not there has its default, so that a new one changes no digest.
package enum AgentFact {
    /// Seconds.
    package static let syncInterval = "sync-interval"
    /// 1: the connection stays; default 0.
    package static let permanentConnection = "permanent-connection"
    /// 0: the agent does not listen for connection requests; default 1.
    package static let connectionRequests = "connection-requests"
    /// The UDP port it listens on; default 15000.
    package static let requestPort = "request-port"
    /// 1: it lets the port through the device's firewall; default 0.
    package static let firewall = "firewall"
    /// So many events wait on the device at most; default 50000.
    package static let eventsHeld = "events-held"
    /// Followed by the name of a source of installed applications; 0: it is not read; default 1.
    package static let inventoryPrefix = "inventory/"
    /// 0: document `hardware` is empty; default 1.
    package static let inventoryHardware = inventoryPrefix + "hardware"
    /// The server's UDP port for shutdown notices; default 13000.
    package static let noticePort = "notice-port"
    /// Followed by the place in the order, two digits; a text `host:port`. None: the device goes on with the addresses it has.
    package static let serverPrefix = "server/"
    /// A text `http://…`; looked at beside a `server/` only: none there means no proxy.
    package static let proxy = "proxy"
    /// Followed by `server-addresses` or `proxy`; 1: what the device's own user changes of it is put back; default 0.
    package static let lockPrefix = "lock/"
    /// Followed by a server key fingerprint in hexadecimal; the value says nothing.
    package static let pinPrefix = "pin/"
}
