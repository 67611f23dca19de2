package import MusterModel

/// A certificate issued to a device, without its bytes.
package struct CertificateRecord: Hashable, Sendable {
    /// SHA-256 of the certificate.
    package var fingerprint: Fingerprint
    /// SHA-256 of its public key.
    package var publicKeyFingerprint: Fingerprint
    /// 1 at enrolment, +1 with each renewal of the device.
    package var generation: Int64
    package var notBefore: Timestamp
    package var notAfter: Timestamp
    /// The device has connected with it; older generations are superseded from then on.
    package var used: Bool
    package var revoked: Bool

    package init(
        fingerprint: Fingerprint, publicKeyFingerprint: Fingerprint, generation: Int64, notBefore: Timestamp, notAfter: Timestamp,
        used: Bool = false, revoked: Bool = false
    ) {
        self.fingerprint = fingerprint
        self.publicKeyFingerprint = publicKeyFingerprint
        self.generation = generation
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.used = used
        self.revoked = revoked
    }
}

/// A certificate just made, to be stored.
package struct NewCertificate: Hashable, Sendable {
    package var fingerprint: Fingerprint
    package var der: [UInt8]
    package var notBefore: Timestamp
    package var notAfter: Timestamp

    package init(fingerprint: Fingerprint, der: [UInt8], notBefore: Timestamp, notAfter: Timestamp) {
        self.fingerprint = fingerprint
        self.der = der
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}

/// The certificate a device is to use: the one just made, or one made before for the same key.
package struct StoredCertificate: Hashable, Sendable {
    package var record: CertificateRecord
    package var der: [UInt8]
    /// False when the same key had asked before.
    package var isNew: Bool

    package init(record: CertificateRecord, der: [UInt8], isNew: Bool) {
        self.record = record
        self.der = der
        self.isNew = isNew
    }

    package var generation: Int64 { record.generation }
}
