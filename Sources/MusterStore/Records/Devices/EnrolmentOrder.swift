package import MusterModel

/// A device asks to be taken in; its token's text and the proof of its key were checked for form before.
package struct EnrolmentOrder: Sendable {
    package var tokenID: EnrolmentTokenID
    /// SHA-256 of the secret it showed.
    package var secretHash: Fingerprint
    package var publicKeyFingerprint: Fingerprint
    /// By the device; cut to 255 bytes.
    package var proposedName: String
    /// Where it came from, for the audit trail.
    package var address: String
    package var now: Timestamp
    /// The id it gets if it is new.
    package var device: DeviceID
    /// Issues the certificate; runs on the writer's thread, inside the transaction.
    package var make: @Sendable (DeviceID) throws -> NewCertificate

    package init(
        tokenID: EnrolmentTokenID, secretHash: Fingerprint, publicKeyFingerprint: Fingerprint, proposedName: String,
        address: String, now: Timestamp, device: DeviceID, make: @escaping @Sendable (DeviceID) throws -> NewCertificate
    ) {
        self.tokenID = tokenID
        self.secretHash = secretHash
        self.publicKeyFingerprint = publicKeyFingerprint
        self.proposedName = proposedName
        self.address = address
        self.now = now
        self.device = device
        self.make = make
    }
}

package enum EnrolmentOutcome: Hashable, Sendable {
    /// - `isNew`: false for a device that was known by its key. `position` is that of the event stored with it, nil when it only asked
    ///   again and nothing was stored.
    case enrolled(DeviceID, certificate: StoredCertificate, isNew: Bool, position: Int64?)
    /// `tokenUnknown` (a wrong secret too), `tokenRevoked`, `tokenExpired` or `tokenUsedUp`.
    case refused(CloseReason)
}
