package import MusterModel
package import MusterWire

/// Whether a datagram that came to the server is a shutdown notice to be believed. Everything cheap is looked at before the signature; who
/// does not listen in on a device does not know its run id, so a stranger's flood never costs a signature check.
///
/// The signature is checked elsewhere, away from the event loop: `received` orders that, `checked` hears how it went.
package struct NoticeGate: Sendable {
    /// What the server knows of the device a notice names.
    package struct Sender: Sendable {
        /// Of its certificates that are not revoked.
        package var keys: [Digest]
        /// Said in the last Hello; nil: it never connected to this server since it was made.
        package var runID: UInt64?
        package var lastConnection: Timestamp?
        /// Of the last notice taken in this run; 0 before the first.
        package var lastCounter: UInt64

        package init(keys: [Digest], runID: UInt64?, lastConnection: Timestamp?, lastCounter: UInt64) {
            self.keys = keys
            self.runID = runID
            self.lastConnection = lastConnection
            self.lastCounter = lastCounter
        }
    }

    package struct Notice: Hashable, Sendable {
        package let datagram: Datagram
        package let kind: AbsenceNotice.Kind
        package let signature: [UInt8]
    }

    package enum OnReceived: Hashable, Sendable {
        /// Check the signature with the device's key of this id; then say `checked`.
        case checkSignature(Notice)
        case dropped(NoticeOutcome)
    }

    /// In all: at 150 µs with the key's lookup that is a sixth of a core.
    package static let checksPerSecond = 1000.0
    /// At once, and waiting to be checked: a building losing power, and 3 copies of 2,700 devices.
    package static let burst = 8192
    /// Of one device: whoever listens in on it must not use up what is there for the others.
    package static let checksPerDevice = 5.0
    /// How far a device's idea of the server's time may be behind: one that slept in between connects anew before it is believed again.
    package static let timeTolerance = Duration.seconds(30)

    private var rate: TokenBucket
    private var devices: SourceLimits
    private var waiting = 0

    package init(now: Timestamp) {
        rate = TokenBucket(rate: Self.checksPerSecond, burst: Double(Self.burst), now: now)
        devices = SourceLimits(rate: Self.checksPerDevice, burst: Self.checksPerDevice, now: now)
    }

    /// - Parameter sender: nil for a device that is not there.
    package mutating func received(_ bytes: [UInt8], now: Timestamp, sender: (DeviceID) -> Sender?) -> OnReceived {
        guard let (datagram, signature) = try? Datagram.parse(bytes), datagram.kind == .shutdownNotice,
            let kind = AbsenceNotice.Kind(rawValue: datagram.reason)
        else { return .dropped(.malformed) }
        guard let sender = sender(datagram.device), sender.keys.contains(datagram.keyID) else { return .dropped(.unknownDevice) }
        if let outcome = Self.staleness(datagram, sender) { return .dropped(outcome) }
        guard waiting < Self.burst, devices.take(from: datagram.device.description, now: now), rate.take(now: now) else {
            return .dropped(.flooded)
        }
        waiting += 1
        return .checkSignature(Notice(datagram: datagram, kind: kind, signature: signature))
    }

    /// - Parameter sender: as it is now: another copy may have been taken meanwhile.
    /// - Returns: `valid` when it is to be believed.
    package mutating func checked(_ notice: Notice, isValid: Bool, sender: Sender?) -> NoticeOutcome {
        waiting -= 1
        guard isValid else { return .badSignature }
        guard let sender else { return .unknownDevice }
        return Self.staleness(notice.datagram, sender) ?? .valid
    }

    private static func staleness(_ datagram: Datagram, _ sender: Sender) -> NoticeOutcome? {
        guard datagram.runID == sender.runID else { return .old }
        if datagram.counter == sender.lastCounter { return .copy }
        guard datagram.counter > sender.lastCounter else { return .old }
        guard let lastConnection = sender.lastConnection, datagram.time >= lastConnection - timeTolerance else { return .old }
        return nil
    }
}
