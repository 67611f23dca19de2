/// The names of facts in the document `agent`.
package enum AgentFact {
    /// Seconds.
    package static let syncInterval = "sync-interval"
    /// Followed by a server key fingerprint in hexadecimal; the value says nothing.
    package static let pinPrefix = "pin/"
}
