import FoundationEssentials
import MusterModel
import MusterWire
import SwiftProtobuf

/// The first byte chooses what the rest is: a document, two documents, a patch for a document, deflated bytes, or a whole transfer.
enum DocumentProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyViolation) {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        switch first % 5 {
        case 0: try checkDocument(rest)
        case 1: try checkDifference(rest)
        case 2: try checkPatch(rest)
        case 3: try checkInflating(rest)
        default: checkTransfer(rest)
        }
    }

    private static func checkDocument(_ body: [UInt8]) throws(PropertyViolation) {
        guard let document = try? Document(encoded: body) else { return }
        try expect(document.body == body, "a document's bytes were changed")
        let again = Document(sorting: document.items().reversed())
        try expect(again.body == body, "a document made of a document's items is another")
        _ = document.facts()
        if let applications = try? document.installedApplications() {
            _ = Document(installed: applications)
        }
    }

    /// A patch made between two documents makes the second of the first, also after its own way out and in.
    private static func checkDifference(_ bytes: [UInt8]) throws(PropertyViolation) {
        guard let (left, right) = split(bytes), let old = try? Document(encoded: left), let new = try? Document(encoded: right)
        else { return }
        let patch = DocumentPatch(from: old, to: new)
        try expect((try? patch.applied(to: old))?.body == new.body, "a patch does not lead to its document")
        let again = try? DocumentPatch(encoded: patch.body)
        try expect(again?.operations == patch.operations, "a patch changed on its way out and in")
        for basis in [old, .empty] { try checkTransfer(of: new, basis: basis) }
    }

    private static func checkTransfer(of document: Document, basis: Document) throws(PropertyViolation) {
        var outgoing = OutgoingDocument(document, named: .installed, basis: basis)
        do throws(WireError) {
            var incoming = try IncomingDocument(head: outgoing.head)
            while let chunk = outgoing.nextChunk() { try incoming.chunkReceived(chunk) }
            let arrived = try incoming.assembled(basis: incoming.basis == nil ? nil : basis).document
            guard arrived.body == document.body else { throw .malformedDocument("it arrived as another") }
        } catch {
            throw PropertyViolation(description: "a document sent does not arrive: \(error)")
        }
    }

    private static func checkPatch(_ bytes: [UInt8]) throws(PropertyViolation) {
        guard let (left, right) = split(bytes), let patch = try? DocumentPatch(encoded: left) else { return }
        try expect(patch.body == left, "a patch's bytes were changed")
        guard let document = try? Document(encoded: right), let result = try? patch.applied(to: document) else { return }
        let keys = Set(result.items().map(\.key))
        for operation in patch.operations {
            if case .put = operation {
                try expect(keys.contains(operation.key), "a key that was put is not there")
            } else {
                try expect(!keys.contains(operation.key), "a key that was removed is still there")
            }
        }
    }

    /// The first two bytes are the announced size.
    private static func checkInflating(_ bytes: [UInt8]) throws(PropertyViolation) {
        guard bytes.count > 2 else { return }
        let size = Int(bytes[0]) << 8 | Int(bytes[1])
        guard let inflated = try? Deflate.inflated(Array(bytes.dropFirst(2)), size: size) else { return }
        try expect(inflated.count == size, "\(inflated.count) bytes inflated, \(size) announced")
        let again = Deflate.deflated(inflated).flatMap { try? Deflate.inflated($0, size: size) }
        try expect(again == inflated, "bytes changed in deflating and inflating")
    }

    /// A head and the chunks that follow it, as frames would bring them: a counted head, then counted chunks.
    private static func checkTransfer(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let encoded = reader.readCounted(limit: 1024),
            let head = try? Muster_V1_DocumentHead(serializedBytes: Array(encoded)),
            var incoming = try? IncomingDocument(head: head), incoming.memory <= 256 * 1024
        else { return }
        while !incoming.isComplete, let data = reader.readCounted(limit: OutgoingDocument.maximumChunkBytes + 1) {
            var chunk = Muster_V1_DocumentChunk()
            chunk.data = .init(data)
            do { try incoming.chunkReceived(chunk) } catch { return }
        }
        _ = try? incoming.assembled(basis: .empty)
    }

    /// A counted part and the rest.
    private static func split(_ bytes: [UInt8]) -> (left: [UInt8], right: [UInt8])? {
        var reader = ByteReader(bytes)
        guard let left = reader.readCounted(limit: bytes.count), let right = reader.readBytes(reader.remaining) else {
            return nil
        }
        return (Array(left), Array(right))
    }
}
