/// Which managed application: a short name in ASCII, as `network-agent`. On the wire, in tables and commands alike.
package struct ApplicationID: Hashable, Sendable, LosslessStringConvertible {
    package static let networkAgent = ApplicationID(known: "network-agent")
    package static let services = ApplicationID(known: "services")
    package static let apt = ApplicationID(known: "apt")
    package static let scripts = ApplicationID(known: "scripts")
    /// The device itself: restarting it, shutting it down.
    package static let device = ApplicationID(known: "device")
    package static let clamAV = ApplicationID(known: "clamav")
    /// No application of a device: the conditions of its status, which are set as settings are.
    package static let deviceStatus = ApplicationID(known: "device-status")

    /// Longer ones would not fit into a table's column of a terminal.
    package static let maximumBytes = 40

    package let description: String

    private init(known name: String) { description = name }

    /// Nil unless it is 1 to 40 small letters, digits and hyphens, and begins with a letter.
    package init?(_ description: String) {
        let bytes = description.utf8
        let isFit =
            (1...Self.maximumBytes).contains(bytes.count) && bytes.first.map(Self.isLetter) == true
            && bytes.allSatisfy {
                Self.isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
        guard isFit else { return nil }
        self.description = description
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
}

extension ApplicationID: Comparable {
    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

extension ApplicationID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no application's id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
