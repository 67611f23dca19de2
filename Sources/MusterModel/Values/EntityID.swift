import FoundationEssentials

/// The id of one kind of thing: a random UUID, 16 bytes on the wire and in tables, lower-case and hyphened in text, never reused.
///
/// `Entity` only tells the compiler which kind it is, so a token's id is never passed where a device's is meant.
package struct EntityID<Entity>: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// - Parameter bytes: exactly 16; anything else gives nil.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            if index < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
        }
        (high, low) = words
    }

    /// A version 4 UUID from the generator given, so that tests can repeat it.
    package static func random(using generator: inout some RandomNumberGenerator) -> Self {
        let high = generator.next() & 0xffff_ffff_ffff_0fff | 0x4000
        let low = generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        return Self(high: high, low: low)
    }

    package static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// One that every server has from the start, as no random one can be.
    package static func wellKnown(_ number: UInt8) -> Self { Self(high: 0, low: UInt64(number)) }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The 16 bytes, most significant first.
    package var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
    }
}

extension EntityID: CustomStringConvertible, LosslessStringConvertible {
    /// - Parameter description: the hyphened form, in either case.
    package init?(_ description: String) {
        guard let uuid = UUID(uuidString: description) else { return nil }
        self.init(bytes: withUnsafeBytes(of: uuid.uuid) { Array($0) })
    }

    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension EntityID: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension EntityID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not an id: 8-4-4-4-12 hexadecimal digits are expected")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What an id belongs to. These have no cases: they exist for the type system alone.
package enum DeviceEntity {}
package enum EnrolmentTokenEntity {}
package enum APITokenEntity {}
package enum EventEntity {}
package enum ActionEntity {}
package enum ActionOrderEntity {}

package typealias DeviceID = EntityID<DeviceEntity>
package typealias EnrolmentTokenID = EntityID<EnrolmentTokenEntity>
package typealias APITokenID = EntityID<APITokenEntity>
package typealias EventID = EntityID<EventEntity>
package typealias ActionID = EntityID<ActionEntity>
package typealias ActionOrderID = EntityID<ActionOrderEntity>
