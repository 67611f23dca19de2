/// What turns one document into another: keys to remove and items to put, in rising order of keys.
///
/// Body: per operation a byte (0 remove, 1 put), a u32 length and the key, and for a put a u32 length and the value.
package struct DocumentPatch: Sendable {
    package enum Operation: Hashable, Sendable {
        case remove(key: [UInt8])
        case put(Document.Item)

        package var key: [UInt8] {
            switch self {
            case .remove(let key): key
            case .put(let item): item.key
            }
        }
    }

    package let operations: [Operation]

    /// The shortest patch from `old` to `new`: one walk through both.
    package init(from old: Document, to new: Document) {
        var operations: [Operation] = []
        var olds = old.items()[...]
        for item in new.items() {
            while let first = olds.first, first.key.lexicographicallyPrecedes(item.key) {
                operations.append(.remove(key: olds.removeFirst().key))
            }
            if let first = olds.first, first.key == item.key {
                olds.removeFirst()
                if first.value == item.value { continue }
            }
            operations.append(.put(item))
        }
        operations += olds.map { .remove(key: $0.key) }
        self.operations = operations
    }

    package init(encoded body: [UInt8]) throws(WireError) {
        var operations: [Operation] = []
        var reader = ByteReader(body)
        while let code = reader.readByte() {
            guard let key = reader.readCounted(limit: Document.maximumKeyBytes) else {
                throw .malformedDocument("a patch ends in the middle of a key")
            }
            if let last = operations.last, !last.key.lexicographicallyPrecedes(key) {
                throw .malformedDocument("a patch's keys do not rise")
            }
            switch code {
            case 0: operations.append(.remove(key: Array(key)))
            case 1:
                guard let value = reader.readCounted(limit: Document.maximumValueBytes) else {
                    throw .malformedDocument("a patch ends in the middle of a value")
                }
                operations.append(.put(Document.Item(key: Array(key), value: Array(value))))
            default: throw .malformedDocument("a patch operation \(code) is not known: 0 removes, 1 puts")
            }
        }
        self.operations = operations
    }

    package var body: [UInt8] {
        var body: [UInt8] = []
        for operation in operations {
            switch operation {
            case .remove(let key):
                body.append(0)
                body.append(counted: key)
            case .put(let item):
                body.append(1)
                body.append(counted: item.key)
                body.append(counted: item.value)
            }
        }
        return body
    }

    /// - Throws: `malformedDocument` when a key to remove is not there; `documentTooLarge`.
    package func applied(to document: Document) throws(WireError) -> Document {
        var body: [UInt8] = []
        body.reserveCapacity(document.body.count)
        var changes = operations[...]
        // Item by item from the bytes: 1.5 million tiny items as values would take 95 MB.
        var reader = ByteReader(document.body)
        while let key = reader.readCounted(limit: Document.maximumKeyBytes),
            let value = reader.readCounted(limit: Document.maximumValueBytes)
        {
            while let change = changes.first, change.key.lexicographicallyPrecedes(key) {
                try Self.append(changes.removeFirst(), to: &body)
            }
            if let change = changes.first, change.key.elementsEqual(key) {
                changes.removeFirst()
                if case .put(let replacement) = change { Self.append(replacement, to: &body) }
            } else {
                body.append(counted: key)
                body.append(counted: value)
            }
        }
        for change in changes { try Self.append(change, to: &body) }
        return try Document(encoded: body)
    }

    private static func append(_ operation: Operation, to body: inout [UInt8]) throws(WireError) {
        guard case .put(let item) = operation else {
            throw .malformedDocument("a patch removes a key that is not there")
        }
        append(item, to: &body)
    }

    private static func append(_ item: Document.Item, to body: inout [UInt8]) {
        body.append(counted: item.key)
        body.append(counted: item.value)
    }
}
