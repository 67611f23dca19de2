import MusterWire

/// The bytes are what arrived on the UDP port.
enum DatagramProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyViolation) {
        guard let (datagram, signature) = try? Datagram.parse(bytes) else { return }
        try expect(datagram.signedPart + signature == bytes, "a datagram changed on its way in and out")
    }
}
