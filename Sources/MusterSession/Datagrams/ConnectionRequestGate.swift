package import MusterModel
package import MusterTrust
import MusterWire

/// Whether a datagram that came to the device makes it connect. Everything cheap is looked at before the signature, so that a flood costs
/// at most 10 signature checks (70 µs each) a second; nothing is ever answered. What is accepted says only: connect now to the server you
/// know.
package struct ConnectionRequestGate: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Who may ask for what. Learnt with each authenticated connection.
    package struct Trust: Sendable {
        package var device: DeviceID
        /// Of the copy of the server's certificate that the agent keeps; nil before the first connection: nothing is accepted then.
        package var serverKey: PublicKey?
        package var pins: [Fingerprint]

        package init(device: DeviceID, serverKey: PublicKey?, pins: [Fingerprint]) {
            self.device = device
            self.serverKey = serverKey
            self.pins = pins
        }

        /// The kept certificate's key, as long as it is one of those the device trusts.
        fileprivate var trustedKey: PublicKey? { serverKey.flatMap { pins.contains($0.pin) ? $0 : nil } }
    }

    package enum Verdict: Hashable, Sendable {
        /// The counter must be on the disk before the agent connects.
        case accepted(isOneOfMany: Bool, counter: UInt64)
        case dropped(ConnectionRequestRefusal)
    }

    /// One request needs 1, its copies none: 10 leaves room for an administrator in a hurry.
    package static let checksPerSecond = 10
    /// The server's time as learnt at the last Welcome, on both sides of it: a day of a bad clock's drift is 9 s.
    package static let timeTolerance = Duration.minutes(5)

    package private(set) var counters = ConnectionRequestCounters()
    private var trust: Trust
    /// The highest accepted.
    private var counter: UInt64
    private var rate = SignatureRate(limit: Self.checksPerSecond)

    /// - Parameter counter: the highest ever accepted, from the disk.
    package init(trust: Trust, counter: UInt64) {
        self.trust = trust
        self.counter = counter
    }

    package mutating func learnt(_ trust: Trust) { self.trust = trust }

    /// - Parameters:
    ///   - now: by the steady clock.
    ///   - serverTime: what the server's clock says now; nil when that was never learnt.
    package mutating func received(_ bytes: [UInt8], now: Instant, serverTime: Timestamp?) -> Verdict {
        counters.received += 1
        let verdict = judge(bytes, now: now, serverTime: serverTime)
        switch verdict {
        case .accepted(_, let counter):
            self.counter = counter
            counters.accepted += 1
        case .dropped(let refusal): counters.count(refusal)
        }
        return verdict
    }

    private mutating func judge(_ bytes: [UInt8], now: Instant, serverTime: Timestamp?) -> Verdict {
        guard let (datagram, signature) = try? Datagram.parse(bytes), datagram.kind == .connectionRequest else {
            return .dropped(.truncated)
        }
        guard datagram.device == trust.device, let key = trust.trustedKey, datagram.keyID == Digest(keyID: key.pin) else {
            return .dropped(.foreign)
        }
        guard datagram.counter > counter else { return .dropped(.replayed) }
        guard rate.take(at: now) else { return .dropped(.flooded) }
        counters.signatureChecks += 1
        guard key.isValid(signature: signature, for: datagram.signedPart) else { return .dropped(.forged) }
        guard let serverTime, datagram.time >= serverTime - Self.timeTolerance,
            datagram.time <= serverTime + Self.timeTolerance
        else { return .dropped(.late) }
        let isOneOfMany = Datagram.RequestReason(rawValue: datagram.reason) == .oneOfMany
        return .accepted(isOneOfMany: isOneOfMany, counter: datagram.counter)
    }
}
