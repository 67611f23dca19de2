package import MusterModel

import struct Crypto.SHA256

extension Digest {
    /// First in what is hashed, so that another form of document can never have the digest of this one.
    private static let format: UInt8 = 1

    /// The digest of one document's body.
    package init(document body: some Sequence<UInt8>) {
        var hash = SHA256()
        hash.update(data: [Self.format])
        hash.update(data: Array(body))
        self.init(truncating: hash.finalize())
    }

    /// The root of a set of documents: per document in order of its number, the number (u32, big-endian) and the digest. A document
    /// that a side does not hold is left out.
    package init(root digests: [DocumentName: Digest]) {
        var bytes: [UInt8] = [Self.format]
        for (name, digest) in digests.sorted(by: { $0.key < $1.key }) {
            bytes.append(bigEndian: name.rawValue)
            bytes.append(contentsOf: digest.bytes)
        }
        self.init(truncating: SHA256.hash(data: bytes))
    }
}
