/// What a document, or a set of documents (the root), is known by: the first 16 bytes of a SHA-256.
/// Computing one is MusterWire's work; here it is only compared and carried.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// Exactly 16.
    package let bytes: [UInt8]

    /// Nil unless there are 16 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// The first 16 bytes of a longer hash; a shorter one is filled with zeros.
    package init(truncating hash: some Sequence<UInt8>) {
        let bytes = Array(hash.prefix(16))
        self.bytes = bytes + Array(repeating: 0, count: 16 - bytes.count)
    }

    package var description: String { Hexadecimal.text(bytes) }
}
