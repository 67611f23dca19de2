package import MusterModel

/// A certificate that was issued here and whose record is lost, to be taken in again.
package struct RestorationOrder: Sendable {
    package var device: DeviceID
    package var publicKeyFingerprint: Fingerprint
    package var certificate: NewCertificate
    /// Where the device connected from.
    package var address: String
    package var now: Timestamp
    /// The rule, asked in the transaction about the certificates known there. Nil: it may be taken in.
    package var refusal: @Sendable ([CertificateRecord]) -> CloseReason?

    package init(
        device: DeviceID, publicKeyFingerprint: Fingerprint, certificate: NewCertificate, address: String, now: Timestamp,
        refusal: @escaping @Sendable ([CertificateRecord]) -> CloseReason?
    ) {
        self.device = device
        self.publicKeyFingerprint = publicKeyFingerprint
        self.certificate = certificate
        self.address = address
        self.now = now
        self.refusal = refusal
    }
}

/// What came of a `RestorationOrder`.
package enum RestorationOutcome: Hashable, Sendable {
    /// - Parameter position: of the event about it; nil when another connection of the device was a moment earlier.
    case restored(CertificateRecord, position: Int64?)
    case refused(CloseReason)
}
