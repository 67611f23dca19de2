/// A tar archive as far as the control member of a Debian package needs it: plain files with short names, read whole and written anew.
///
/// The input is a file the administrator put there, yet nothing in it is trusted: a length that does not fit ends the reading.
package struct TarArchive: Hashable, Sendable {
    private static let block = 512

    /// One entry: its header block as it came, and its content without the padding.
    private struct Entry: Hashable {
        var header: [UInt8]
        var content: [UInt8]
    }

    private var entries: [Entry] = []

    /// Nil for what is no tar archive, or is cut short.
    package init?(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        var offset = 0
        while offset + Self.block <= bytes.count {
            let header = Array(bytes[offset..<offset + Self.block])
            if header.allSatisfy({ $0 == 0 }) { return }
            offset += Self.block
            guard let size = Self.size(in: header), size <= bytes.count - offset else { return nil }
            entries.append(Entry(header: header, content: Array(bytes[offset..<offset + size])))
            offset += (size + Self.block - 1) / Self.block * Self.block
        }
        return nil
    }

    private static func size(in header: [UInt8]) -> Int? {
        guard header[257..<262].elementsEqual("ustar".utf8) else { return nil }
        let digits = header[124..<136].prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 >= 0 ? $0 : nil }
    }

    package var names: [String] { entries.map { Self.name(in: $0.header) } }

    private static func name(in header: [UInt8]) -> String {
        let name = String(decoding: header[0..<100].prefix { $0 != 0 }, as: UTF8.self)
        return name.hasPrefix("./") ? String(name.dropFirst(2)) : name
    }

    package subscript(_ name: String) -> [UInt8]? { entries.first { Self.name(in: $0.header) == name }?.content }

    /// Puts other content into the file of that name. - Returns: false when there is none.
    package mutating func replace(_ name: String, with content: [UInt8]) -> Bool {
        guard let index = entries.firstIndex(where: { Self.name(in: $0.header) == name }) else { return false }
        entries[index].content = content
        Self.write(size: content.count, to: &entries[index].header)
        return true
    }

    /// Appends a file of root's.
    /// - Parameters:
    ///   - name: at most 90 bytes of ASCII, no slash.
    ///   - modified: seconds since 1970.
    package mutating func append(_ name: String, mode: UInt16, modified: Int64, _ content: [UInt8]) {
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int) { for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte } }
        put("./" + String(name.prefix(90)), at: 0)
        put(Self.octal(Int64(mode), digits: 7), at: 100)
        put(Self.octal(0, digits: 7), at: 108)
        put(Self.octal(0, digits: 7), at: 116)
        put(Self.octal(modified, digits: 11), at: 136)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        put("root", at: 265)
        put("root", at: 297)
        Self.write(size: content.count, to: &header)
        entries.append(Entry(header: header, content: content))
    }

    private static func write(size: Int, to header: inout [UInt8]) {
        header.replaceSubrange(124..<136, with: Array(octal(Int64(size), digits: 11).utf8) + [0])
        // The sum is over the header with spaces in its own place.
        header.replaceSubrange(148..<156, with: repeatElement(UInt8(ascii: " "), count: 8))
        let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
        header.replaceSubrange(148..<156, with: Array(octal(sum, digits: 6).utf8) + [0, UInt8(ascii: " ")])
    }

    private static func octal(_ value: Int64, digits: Int) -> String {
        let text = String(max(0, value), radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text.suffix(digits)
    }

    /// With the two empty blocks that end it.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes += entry.header
            bytes += entry.content
            bytes += repeatElement(0, count: (Self.block - entry.content.count % Self.block) % Self.block)
        }
        return bytes + repeatElement(0, count: 2 * Self.block)
    }
}
