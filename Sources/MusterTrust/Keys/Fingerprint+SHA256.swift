import Crypto
package import MusterModel

extension Fingerprint {
    /// SHA-256 of the bytes given.
    package init(hashing bytes: some Sequence<UInt8>) {
        self.init(hash: SHA256.hash(data: Array(bytes)))
    }
}
