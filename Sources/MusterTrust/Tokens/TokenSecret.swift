import FoundationEssentials
package import MusterModel

/// The secret half of a token: 32 random bytes, told once, when the token is made; the server keeps only `hash`. 256 random bits need no
/// slow hash. Its description hides it.
package struct TokenSecret: Hashable, Sendable {
    /// Exactly 32: how it travels in an enrolment. Secret.
    package let bytes: [UInt8]

    package static func random(using generator: inout some RandomNumberGenerator) -> TokenSecret {
        TokenSecret(trusted: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    package static func random() -> TokenSecret {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// Nil unless there are 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    private init(trusted bytes: [UInt8]) { self.bytes = bytes }

    /// - Parameter text: 43 characters of base64url without padding, in the one form 32 bytes have.
    package init?(text: some StringProtocol) {
        guard text.utf8.count == 43 else { return nil }
        let standard = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        guard let data = Data(base64Encoded: Data(standard + [UInt8(ascii: "=")])), data.count == 32 else { return nil }
        bytes = Array(data)
        guard self.text == text else { return nil }
    }

    /// The secret itself.
    package var text: String {
        let url = Data(bytes).base64EncodedString().utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: url, as: UTF8.self)
    }

    /// SHA-256 of the 32 bytes: what is stored, and compared with `constantTimeEquals`.
    package var hash: Fingerprint { Fingerprint(hashing: bytes) }

    /// In constant time.
    package static func == (left: TokenSecret, right: TokenSecret) -> Bool { constantTimeEquals(left.bytes, right.bytes) }
}

extension TokenSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
