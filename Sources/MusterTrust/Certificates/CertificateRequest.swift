import Crypto
import FoundationEssentials
package import MusterModel
import SwiftASN1
import X509

/// A request for a device's certificate (PKCS #10): a public key and the proof that the sender holds the private one. The subject is
/// ignored: the server says who the device is.
package struct CertificateRequest: Sendable {
    /// Ours are about 200 bytes; another maker's with a long subject and attributes stays well below 4 KiB.
    package static let longest = 4 * 1024

    package let der: [UInt8]
    package let publicKey: PublicKey

    /// The request for one's own key; its subject is empty.
    package init(key: PrivateKey) throws(TrustError) {
        do {
            let request = try CertificateSigningRequest(
                version: .v1, subject: DistinguishedName(), privateKey: Certificate.PrivateKey(key.cryptoKey),
                attributes: CertificateSigningRequest.Attributes(), signatureAlgorithm: .ecdsaWithSHA256)
            var serializer = DER.Serializer()
            try serializer.serialize(request)
            der = serializer.serializedBytes
        } catch {
            throw .notMade("the certificate request could not be made", error)
        }
        publicKey = key.publicKey
    }

    /// Reads another's: P-256 signed with SHA-256 only, at most `longest` bytes, the proof checked.
    package init(der: [UInt8]) throws(TrustError) {
        guard der.count <= Self.longest else {
            throw .badCertificateRequest("\(der.count) bytes are too many for a certificate request")
        }
        let request: CertificateSigningRequest
        do {
            request = try CertificateSigningRequest(derEncoded: der)
        } catch {
            throw .badCertificateRequest("this is not a certificate request", error)
        }
        guard let key = P256.Signing.PublicKey(request.publicKey), request.signatureAlgorithm == .ecdsaWithSHA256 else {
            throw .badCertificateRequest("only P-256 keys signed with SHA-256 are accepted")
        }
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw .badCertificateRequest("the proof of possession of the key is wrong")
        }
        self.der = der
        publicKey = PublicKey(key)
    }

    /// SubjectPublicKeyInfo in its canonical form.
    package var publicKeyDER: [UInt8] { publicKey.der }

    /// What enrolment is idempotent by.
    package var publicKeyFingerprint: Fingerprint { publicKey.pin }
}
