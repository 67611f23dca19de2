/// A SHA-256 of something one side recognizes the other by: of a public key (SubjectPublicKeyInfo, DER) it is a **pin**, the server
/// key fingerprint; of a whole certificate it is what the server looks a device up by.
package struct Fingerprint: Hashable, Sendable {
    /// Exactly 32.
    package let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    /// What a SHA-256 function returned: the first 32 bytes, zeros in place of missing ones. For its output only, whose length no type tells.
    package init(hash: some Sequence<UInt8>) {
        let bytes = Array(hash.prefix(32))
        self.bytes = bytes + [UInt8](repeating: 0, count: 32 - bytes.count)
    }
}

extension Fingerprint: CustomStringConvertible, LosslessStringConvertible {
    /// - Parameter description: 64 hexadecimal digits, in either case; colons between bytes are allowed.
    package init?(_ description: String) {
        guard let bytes = Hexadecimal.bytes(description.filter { $0 != ":" }) else { return nil }
        self.init(bytes: bytes)
    }

    package var description: String { Hexadecimal.text(bytes) }
}

extension Fingerprint: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not a SHA-256 fingerprint: 64 hexadecimal digits are expected")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
