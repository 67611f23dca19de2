/// Reads big-endian numbers and counted bytes from the front of an array, never past its end.
package struct ByteReader {
    private let bytes: [UInt8]
    package private(set) var position: Int

    package init(_ bytes: [UInt8], from position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    package var remaining: Int { bytes.count - position }
    package var isAtEnd: Bool { remaining == 0 }

    package mutating func readByte() -> UInt8? {
        guard remaining >= 1 else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    package mutating func readInteger<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type = Number.self) -> Number? {
        guard let slice = readBytes(MemoryLayout<Number>.size) else { return nil }
        return slice.reduce(0) { $0 << 8 | Number($1) }
    }

    package mutating func readBytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, remaining >= count else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    /// A 32-bit length and that many bytes; nil when cut short or longer than `limit`.
    package mutating func readCounted(limit: Int) -> ArraySlice<UInt8>? {
        guard let length = readInteger(UInt32.self), length <= limit else { return nil }
        return readBytes(Int(length))
    }
}

extension [UInt8] {
    package mutating func append(bigEndian number: some FixedWidthInteger & UnsignedInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }

    package mutating func append(counted bytes: some Collection<UInt8>) {
        append(bigEndian: UInt32(truncatingIfNeeded: bytes.count))
        append(contentsOf: bytes)
    }
}
