/// The agent's own times on a connection; everything else is the server's word.
package enum AgentPace {
    /// Events written within this time travel together.
    package static let gathering = Duration.milliseconds(100)
    /// A device asked to connect together with many others waits up to so long, so that they do not come in step.
    package static let requestSpread = Duration.seconds(1)
    /// How long a session that came for events waits for more of them.
    package static let lingering = Duration.seconds(1)
    /// How long events that keep coming keep a session open that came for them; the next one takes the rest. A synchronization is complete
    /// when its session has ended: with the shortest interval, a minute, that is still in time.
    package static let longestSession = Duration.seconds(30)
    /// How long the server may say nothing in a session. Longer than the server's own, so that it is the server that says so.
    package static let idleTime = Duration.seconds(90)
    package static let connectTimeout = Duration.seconds(10)
    /// For a proxy to open the way to the server.
    package static let proxyTimeout = Duration.seconds(10)
    /// For TLS. A connection may wait in the server's backlog first: with everybody coming at once 10 s, 4,096 of them at 400 a second. Who
    /// leaves before it is accepted costs the server a place in the queue and comes again: with 10 s nobody at its end was served.
    package static let handshakeTimeout = Duration.seconds(20)
}
