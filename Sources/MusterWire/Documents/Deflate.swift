import CZlib

/// zlib's format (RFC 1950) over whole byte arrays. Runs off the event loops: 16 MiB take a tenth of a second.
package enum Deflate {
    /// At the highest level: 1 % smaller for some milliseconds more, and a whole document is rare. Nil when zlib has no memory.
    package static func deflated(_ bytes: [UInt8]) -> [UInt8]? {
        var length = compressBound(uLong(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(length))
        guard compress2(&output, &length, bytes, uLong(bytes.count), 9) == Z_OK else { return nil }
        return Array(output.prefix(Int(length)))
    }

    /// - Parameter size: what the sender announced; the result has exactly this many bytes, so a bomb costs no more than it announced.
    /// - Throws: `malformedDocument` for damaged input or another size.
    package static func inflated(_ bytes: [UInt8], size: Int) throws(WireError) -> [UInt8] {
        guard size > 0 else { throw .malformedDocument("an empty document is not deflated") }
        var length = uLong(size)
        var consumed = uLong(bytes.count)
        var output = [UInt8](repeating: 0, count: size)
        switch uncompress2(&output, &length, bytes, &consumed) {
        case Z_OK where Int(length) == size && Int(consumed) == bytes.count: return output
        case Z_BUF_ERROR:
            throw .documentTooLarge("a deflated document holds more than the \(size) bytes announced, or is cut short")
        default: throw .malformedDocument("the deflated bytes are damaged")
        }
    }
}
