import Crypto
import FoundationEssentials
import MusterModel

/// Seals the secrets in policies with a key of the data directory, so that the database alone gives none of them away.
struct SecretBox: Sendable {
    /// Of the key.
    static let bytes = 32

    private let key: SymmetricKey

    init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    /// With the key of a data directory, made where there is none yet.
    init(_ directory: DataDirectory) throws(ServerError) {
        if !DataDirectory.hasContent(directory.secretsKey) {
            try directory.write((0..<Self.bytes).map { _ in UInt8.random(in: .min ... .max) }, to: directory.secretsKey)
        }
        let key = try directory.read(directory.secretsKey)
        guard key.count == Self.bytes else {
            throw ServerError(
                .damaged, "\(directory.secretsKey) has \(key.count) bytes, not \(Self.bytes): \(DataDirectory.advice)")
        }
        self.init(key: key)
    }

    /// - Returns: nonce, ciphertext and tag (ChaCha20-Poly1305); another each time.
    func seal(_ text: String) -> SecretValue? {
        (try? ChaChaPoly.seal(Data(text.utf8), using: key)).map { SecretValue(bytes: Array($0.combined)) }
    }

    /// Nil for what was sealed with another key, or is damaged.
    func open(_ secret: SecretValue) -> SecretValue? {
        guard let box = try? ChaChaPoly.SealedBox(combined: Data(secret.bytes)), let text = try? ChaChaPoly.open(box, using: key)
        else { return nil }
        return SecretValue(bytes: Array(text))
    }
}
