import MusterModel

/// The bounds of the gateway; all are settings.
package struct GatewayLimits: Hashable, Sendable {
    /// Connections are accepted at once while fewer than so many are in their handshake: as fast as the processors get through them, and what
    /// else waits for an event loop waits for 64 handshakes at most where there are two.
    package var handshakes = 128
    /// Past that, accepted a second on average and at once; past it sockets wait in the backlog.
    package var acceptRate = 400.0
    package var acceptBurst = 400.0
    package var backlog = 4096
    /// TCP connections; each idle one costs about 31 KiB. Below the usual limit of 20,000 files.
    package var connections = 16_000
    package var enrolmentRate = 10.0
    /// Sessions a second from one address: a NAT with 10,000 devices behind it needs 11.
    package var sourceRate = 200.0
    /// Wrong tokens from one address: 1 a second, 20 at once.
    package var badTokenRate = 1.0
    package var badTokenBurst = 20.0
    /// Connection requests a second to many devices, and as many again to devices asked alone.
    package var connectionRequestRate = 200.0
    package var handshakeTimeout = Duration.seconds(5)
    package var firstFrameTimeout = Duration.seconds(10)
    package var idleTimeout = Duration.seconds(60)
    /// A permanent connection on which nothing comes is pinged so often, and is dead after two and a half of it.
    package var pingInterval = Duration.seconds(60)

    /// When those come again who were too many from one address. Spread: with 10 s for all, 10,000 behind one address came 1,000 a second,
    /// more than are accepted; so it is 300.
    static func sourceRetry() -> Duration { .milliseconds(.random(in: 5_000...60_000)) }

    package init() {}
}
