import Crypto
import FoundationEssentials
package import MusterModel

/// The public half of a P-256 key: what a pin is made of and signatures of datagrams are checked with.
package struct PublicKey: Sendable {
    /// SubjectPublicKeyInfo, always in the one canonical form (uncompressed point, 91 bytes), however it came.
    package let der: [UInt8]
    /// SHA-256 of `der`.
    package let pin: Fingerprint
    private let key: P256.Signing.PublicKey

    /// Longer than any P-256 SubjectPublicKeyInfo (91 bytes) and short enough not to matter.
    private static let longest = 256

    /// - Parameter der: SubjectPublicKeyInfo, P-256 only.
    package init(der: [UInt8]) throws(TrustError) {
        guard der.count <= Self.longest else { throw .badKey("\(der.count) bytes are too many for a P-256 public key") }
        do {
            self.init(try P256.Signing.PublicKey(derRepresentation: der))
        } catch {
            throw .badKey("this is not a P-256 public key", error)
        }
    }

    init(_ key: P256.Signing.PublicKey) {
        self.key = key
        der = Array(key.derRepresentation)
        pin = Fingerprint(hashing: der)
    }

    /// - Parameter signature: 64 bytes as `PrivateKey.sign` makes them; anything else is simply not valid.
    package func isValid(signature: some Collection<UInt8>, for bytes: some Collection<UInt8>) -> Bool {
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: Array(signature)) else { return false }
        return key.isValidSignature(signature, for: Array(bytes))
    }

    /// For the makers of certificates in this module.
    var cryptoKey: P256.Signing.PublicKey { key }
}

extension PublicKey: Hashable {
    package static func == (left: PublicKey, right: PublicKey) -> Bool { left.der == right.der }
    package func hash(into hasher: inout Hasher) { hasher.combine(der) }
}
