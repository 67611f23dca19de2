import FoundationEssentials
package import MusterModel

/// A document on its way out: its head and its chunks, made off the event loop, sent piece by piece.
package struct OutgoingDocument: Sendable {
    /// Chunks are at most 8 KiB, so that an event waits for no more than one.
    package static let maximumChunkBytes = 8 * 1024
    /// Below 1 KiB deflating gains less than a TCP segment.
    package static let deflateAbove = 1024

    package let head: Muster_V1_DocumentHead
    private var rest: ArraySlice<UInt8>

    /// Whole, or as a patch against `basis` when that is shorter.
    package init(_ document: Document, named name: DocumentName, basis: Document? = nil) {
        var head = Muster_V1_DocumentHead()
        head.document = name.rawValue
        head.digest = .init(document.digest.bytes)
        var payload = document.body
        if let basis {
            let patch = DocumentPatch(from: basis, to: document).body
            if patch.count < payload.count {
                payload = patch
                head.basis = .init(basis.digest.bytes)
            }
        }
        head.inflatedSize = UInt32(truncatingIfNeeded: payload.count)
        if payload.count > Self.deflateAbove, let deflated = Deflate.deflated(payload), deflated.count < payload.count {
            payload = deflated
            head.encoding = .deflate
        }
        head.size = UInt32(truncatingIfNeeded: payload.count)
        self.head = head
        rest = payload[...]
    }

    /// Every byte was taken; true from the start for a document without bytes.
    package var isAtEnd: Bool { rest.isEmpty }

    package mutating func nextChunk() -> Muster_V1_DocumentChunk? {
        guard !rest.isEmpty else { return nil }
        var chunk = Muster_V1_DocumentChunk()
        chunk.data = .init(rest.prefix(Self.maximumChunkBytes))
        rest = rest.dropFirst(Self.maximumChunkBytes)
        return chunk
    }
}

/// A document on its way in: collects chunks until all announced bytes are here. Announced sizes are checked before a byte is kept.
package struct IncomingDocument: Hashable, Sendable {
    package let name: DocumentName
    /// What the document's digest must be in the end.
    package let digest: Digest
    /// Nil: whole. Else what the patch applies to.
    package let basis: Digest?
    private let deflated: Bool
    private let size: Int
    private let inflatedSize: Int
    private var bytes: [UInt8] = []

    package init(head: Muster_V1_DocumentHead) throws(WireError) {
        guard let name = DocumentName(rawValue: head.document) else {
            throw .malformedDocument("document \(head.document) is not known here")
        }
        guard let digest = Digest(bytes: Array(head.digest)) else { throw .malformedDocument("a digest has 16 bytes") }
        switch head.encoding {
        case .plain where head.size == head.inflatedSize: deflated = false
        case .deflate where head.size > 0: deflated = true
        default: throw .malformedDocument("the encoding is not known or does not fit the sizes")
        }
        guard head.size <= Document.maximumBodyBytes, head.inflatedSize <= Document.maximumBodyBytes else {
            throw .documentTooLarge("\(max(head.size, head.inflatedSize)) bytes; at most \(Document.maximumBodyBytes)")
        }
        if head.basis.isEmpty {
            basis = nil
        } else if let digest = Digest(bytes: Array(head.basis)) {
            basis = digest
        } else {
            throw .malformedDocument("a basis has 16 bytes")
        }
        self.name = name
        self.digest = digest
        size = Int(head.size)
        inflatedSize = Int(head.inflatedSize)
    }

    package var isComplete: Bool { bytes.count == size }
    /// What assembling takes in memory: the bytes as sent and inflated.
    package var memory: Int { size + inflatedSize }

    package mutating func chunkReceived(_ chunk: Muster_V1_DocumentChunk) throws(WireError) {
        guard !chunk.data.isEmpty, chunk.data.count <= OutgoingDocument.maximumChunkBytes else {
            throw .malformedDocument(
                "a chunk of \(chunk.data.count) bytes; 1 to \(OutgoingDocument.maximumChunkBytes) are allowed")
        }
        guard bytes.count + chunk.data.count <= size else {
            throw .malformedDocument("more bytes than the \(size) announced")
        }
        bytes.append(contentsOf: chunk.data)
    }

    /// The document, checked against its digest, and the patch if it came as one. Off the event loop.
    /// - Parameter basis: the document of digest `basis`; needed only when that is not nil.
    package func assembled(basis document: Document?) throws(WireError) -> (document: Document, patch: DocumentPatch?) {
        guard isComplete else { throw .malformedDocument("\(bytes.count) bytes came, \(size) were announced") }
        let payload = deflated ? try Deflate.inflated(bytes, size: inflatedSize) : bytes
        guard basis != nil else { return (try checked(Document(encoded: payload)), nil) }
        let patch = try DocumentPatch(encoded: payload)
        return (try checked(patch.applied(to: document ?? .empty)), patch)
    }

    private func checked(_ document: Document) throws(WireError) -> Document {
        guard document.digest == digest else { throw .digestMismatch(announced: digest, found: document.digest) }
        return document
    }
}
