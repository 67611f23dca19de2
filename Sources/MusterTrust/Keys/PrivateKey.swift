import Crypto
import FoundationEssentials
package import MusterModel

/// A P-256 key pair: the server's (active or reserve), the issuer's, or a device's. The private half leaves this value only as PEM,
/// for the file it is kept in; its description shows the pin alone.
package struct PrivateKey: Sendable {
    private let key: P256.Signing.PrivateKey
    /// The public half.
    package let publicKey: PublicKey

    /// A new key from the system's generator.
    package static func generate() -> PrivateKey { PrivateKey(P256.Signing.PrivateKey()) }

    /// - Parameter pem: PKCS #8 (`PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`), P-256 only.
    package init(pem: String) throws(TrustError) {
        do {
            self.init(try P256.Signing.PrivateKey(pemRepresentation: pem))
        } catch {
            throw .badKey("this is not a P-256 private key in PEM form", error)
        }
    }

    private init(_ key: P256.Signing.PrivateKey) {
        self.key = key
        publicKey = PublicKey(key.publicKey)
    }

    /// PKCS #8. Secret.
    package var pem: String { key.pemRepresentation }

    /// SubjectPublicKeyInfo, 91 bytes.
    package var publicKeyDER: [UInt8] { publicKey.der }

    /// SHA-256 of `publicKeyDER`: what the other side recognizes this key by.
    package var pin: Fingerprint { publicKey.pin }

    /// ECDSA with SHA-256.
    /// - Returns: 64 bytes, r then s.
    package func sign(_ bytes: some Collection<UInt8>) throws(TrustError) -> [UInt8] {
        do {
            return Array(try key.signature(for: Array(bytes)).rawRepresentation)
        } catch {
            throw .notMade("signing failed", error)
        }
    }

    /// For the makers of certificates and requests in this module.
    var cryptoKey: P256.Signing.PrivateKey { key }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "PrivateKey(pin: \(pin))" }
    package var debugDescription: String { description }
}
