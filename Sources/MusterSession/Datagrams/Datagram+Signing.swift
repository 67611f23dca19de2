package import MusterModel
package import MusterTrust
package import MusterWire

extension Datagram {
    /// The 136 bytes that travel. `keyID` must be that of the key: whoever receives it looks the key up by it.
    package func signed(with key: PrivateKey) throws(TrustError) -> [UInt8] {
        let part = signedPart
        return part + (try key.sign(part))
    }

    /// One higher than the last, and never behind the clock: so it rises also when the last one was forgotten in a restart.
    package static func nextCounter(after last: UInt64, now: Timestamp) -> UInt64 {
        max(last == .max ? last : last + 1, UInt64(max(0, now.milliseconds)))
    }

    /// Why a connection request was sent: its reason byte. A number that is not known counts as `oneDevice`.
    package enum RequestReason: UInt8, CaseIterable, Hashable, Sendable {
        /// This device is asked alone: it connects at once.
        case oneDevice = 1
        /// Many are asked together: each waits up to a second, so that they do not come in step.
        case oneOfMany = 2
    }
}

extension Digest {
    /// The key id of a datagram: the first 16 bytes of the pin of the key that signs.
    package init(keyID pin: Fingerprint) { self.init(truncating: pin.bytes) }
}
