package import MusterModel

/// What should be known on the other side: a list of items in strictly rising order of their keys (compared byte by byte).
///
/// The bytes are made once, by the side that knows the facts; everyone else keeps them as they came and reads items only to show
/// them. Body: per item a big-endian u32 length and the key, a u32 length and the value.
package struct Document: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package var key: [UInt8]
        package var value: [UInt8]

        package init(key: [UInt8], value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    /// A key is a name, not a text: 1 KiB holds the longest source, package name and architecture many times over.
    package static let maximumKeyBytes = 1024
    /// One fact: 64 KiB.
    package static let maximumValueBytes = 64 * 1024
    /// 16 MiB: 100,000 installed applications take 6.
    package static let maximumBodyBytes = 16 * 1024 * 1024

    package static let empty = Document(trusted: [])

    package let body: [UInt8]
    package let digest: Digest

    /// Makes the bytes from items in any order; of equal keys the last wins. An item past the limits above is left out: one absurd name
    /// on a device must not keep the other side from everything else.
    package init(sorting items: some Sequence<Item>) {
        var last: [[UInt8]: [UInt8]] = [:]
        for item in items { last[item.key] = item.value }
        var body: [UInt8] = []
        for (key, value) in last.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            guard key.count <= Self.maximumKeyBytes, value.count <= Self.maximumValueBytes,
                body.count + 8 + key.count + value.count <= Self.maximumBodyBytes
            else { continue }
            body.append(counted: key)
            body.append(counted: value)
        }
        self.init(trusted: body)
    }

    /// Takes bytes from the other side or from a database, as they are.
    /// - Throws: `malformedDocument` unless lengths add up and keys rise; `documentTooLarge` past the limits above.
    package init(encoded body: [UInt8]) throws(WireError) {
        guard body.count <= Self.maximumBodyBytes else {
            throw .documentTooLarge("\(body.count) bytes; at most \(Self.maximumBodyBytes)")
        }
        var previous: ArraySlice<UInt8>?
        var reader = ByteReader(body)
        while !reader.isAtEnd {
            guard let key = reader.readCounted(limit: Self.maximumKeyBytes),
                reader.readCounted(limit: Self.maximumValueBytes) != nil
            else { throw .malformedDocument("an item ends past the end of the document or is too long") }
            if let previous, !previous.lexicographicallyPrecedes(key) {
                throw .malformedDocument("keys do not rise at byte \(reader.position)")
            }
            previous = key
        }
        self.init(trusted: body)
    }

    private init(trusted body: [UInt8]) {
        self.body = body
        digest = Digest(document: body)
    }

    /// The items in order; decoded anew at each call.
    package func items() -> [Item] {
        var items: [Item] = []
        var reader = ByteReader(body)
        while let key = reader.readCounted(limit: Self.maximumKeyBytes),
            let value = reader.readCounted(limit: Self.maximumValueBytes)
        {
            items.append(Item(key: Array(key), value: Array(value)))
        }
        return items
    }

    package static func == (left: Self, right: Self) -> Bool { left.digest == right.digest }
    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// For logs and tests: never the bytes, which may be millions.
extension Document: CustomStringConvertible {
    package var description: String { "document \(digest), \(body.count) bytes" }
}
