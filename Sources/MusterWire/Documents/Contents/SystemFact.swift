/// The names of facts in the document `system` that the server goes by.
package enum SystemFact {
    /// A text: separated by a comma and a space.
    package static let addresses = "addresses"
    /// A number: where the agent listens for connection requests; 0: it does not. Not there: an agent that knows none.
    package static let udpPort = "udp-port"
}
