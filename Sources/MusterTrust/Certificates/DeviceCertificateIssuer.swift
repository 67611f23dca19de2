import FoundationEssentials
package import MusterModel
import SwiftASN1
import X509

/// Issues certificates to devices with a key that serves for nothing else, so that a server's key can be replaced without touching them.
/// Which of the issued ones is in use, revoked or superseded is the store's and the directory's knowledge.
package struct DeviceCertificateIssuer: Sendable {
    package static let subject = "Muster Devices"

    private let key: PrivateKey

    package init(key: PrivateKey) { self.key = key }

    /// A certificate for TLS clients (digitalSignature, clientAuth) whose subject is the device's id; about 400 bytes.
    /// - Parameters:
    ///   - publicKeyDER: SubjectPublicKeyInfo of a P-256 key, from a checked request.
    ///   - lifetime: from `now`; the certificate is valid from one day before it.
    package func issue(
        publicKeyDER: [UInt8], device: DeviceID, now: Timestamp, lifetime: Duration
    ) throws(TrustError) -> CertificateFacts {
        let publicKey = try PublicKey(der: publicKeyDER)
        let validity = Validity(now: now, lifetime: lifetime)
        let der: [UInt8]
        do {
            let certificate = try Certificate(
                version: .v3, serialNumber: .short(), publicKey: Certificate.PublicKey(publicKey.cryptoKey),
                notValidBefore: validity.firstDate, notValidAfter: validity.lastDate,
                issuer: .commonName(Self.subject), subject: .commonName(device.description),
                signatureAlgorithm: .ecdsaWithSHA256, extensions: Self.extensions(),
                issuerPrivateKey: Certificate.PrivateKey(key.cryptoKey))
            der = try certificate.serialized()
        } catch {
            throw .notMade("the certificate of device \(device) could not be made", error)
        }
        return try CertificateFacts(der: der)
    }

    /// Whether this key signed the certificate. It says nothing of dates, and does not replace the look-up of what was issued.
    package func hasIssued(_ der: [UInt8]) -> Bool {
        guard let certificate = try? Certificate.reading(der) else { return false }
        return Certificate.PublicKey(key.publicKey.cryptoKey).isValidSignature(certificate.signature, for: certificate)
    }

    private static func extensions() throws -> Certificate.Extensions {
        try Certificate.Extensions([
            Certificate.Extension(KeyUsage(digitalSignature: true), critical: true),
            Certificate.Extension(ExtendedKeyUsage([.clientAuth]), critical: false),
        ])
    }
}
