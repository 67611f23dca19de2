package import MusterModel

/// What a device may do with the certificate it came with, judged by the server's clock alone: the device's own may be wrong.
///
/// With the usual lifetime of 90 days: due from day 30 plus up to 5 days of the device's own, so that devices enrolled together do
/// not renew together; that leaves 55 days to succeed in. For 400 days after its end (a machine off for a year, and a month) it may still
/// renew and do nothing else; then the device enrols anew.
package struct RenewalRule: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Valid, and not yet to be renewed.
        case current
        /// Valid, to be renewed in this session.
        case due
        /// Its time is over: the session may renew it and do nothing else.
        case onlyRenewal
        /// No session.
        case refused(CloseReason)
    }

    package static let lifetime = Duration.days(90)
    package static let grace = Duration.days(400)

    package let device: DeviceID
    /// Counts the device's certificates; it moves the jitter.
    package let generation: Int64
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    package let isRevoked: Bool

    package init(device: DeviceID, generation: Int64, notBefore: Timestamp, notAfter: Timestamp, isRevoked: Bool) {
        self.device = device
        self.generation = generation
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.isRevoked = isRevoked
    }

    /// A time before `notBefore` is no refusal: the server's clock was put back, and no device is locked out for it.
    package func verdict(now: Timestamp) -> Verdict {
        if isRevoked { return .refused(.deviceRevoked) }
        if now > notAfter + Self.grace { return .refused(.certificateExpired) }
        if now > notAfter { return .onlyRenewal }
        return now >= due ? .due : .current
    }

    /// A third of the lifetime after the making, and up to an eighteenth more: 30 and 5 days of 90.
    package var due: Timestamp {
        let made = notBefore + Validity.backdating
        let lifetime = max(0, (notAfter - made).milliseconds)
        let jitter = Int64(fraction * Double(lifetime / 18))
        return made + .milliseconds(lifetime / 3 + jitter)
    }

    /// From 0 up to, not including, 1: the same for a device and generation always and everywhere.
    private var fraction: Double {
        let generation = (0..<8).map { UInt8(truncatingIfNeeded: self.generation >> (8 * $0)) }
        let hash = Fingerprint(hashing: device.bytes + generation).bytes
        let word = hash.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Double(word) / 4_294_967_296
    }
}
