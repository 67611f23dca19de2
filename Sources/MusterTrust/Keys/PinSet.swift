package import MusterModel

/// The server keys a device accepts: the active one, the reserve, and during a change the next. Never empty: a device without a pin
/// could not be reached again. Order is kept (the server's order); doubles are dropped.
package struct PinSet: Hashable, Sendable {
    /// Active and reserve, twice over during a change of both, and as many again to spare; 8 × 32 bytes in every connection file.
    package static let limit = 8

    /// From 1 to `limit`, each once.
    package let pins: [Fingerprint]

    package init(_ pins: some Sequence<Fingerprint>) throws(TrustError) {
        var unique: [Fingerprint] = []
        for pin in pins where !unique.contains(pin) {
            guard unique.count < Self.limit else { throw .badPinSet("there are more than \(Self.limit) server keys") }
            unique.append(pin)
        }
        guard !unique.isEmpty else { throw .badPinSet("there is no server key fingerprint") }
        self.pins = unique
    }

    package init(_ pin: Fingerprint) { pins = [pin] }

    package func contains(_ pin: Fingerprint) -> Bool { pins.contains(pin) }
}

extension PinSet: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode([Fingerprint].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(pins)
    }
}
