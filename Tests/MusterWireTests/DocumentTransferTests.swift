import FoundationEssentials
import MusterModel
import Testing

@testable import MusterWire

@Suite("Documents on their way")
struct DocumentTransferTests {
    /// Bytes that deflate poorly: `count` items of 100 random bytes.
    private func noise(_ count: Int, seed: UInt64 = 1) -> Document {
        var generator = Seeded(seed)
        return Document(
            sorting: (0..<count).map { Document.Item(key: [UInt8($0 >> 8), UInt8($0 & 255)], value: generator.bytes(100...100)) })
    }

    @Test("a small one goes plain, in one chunk")
    func plain() throws {
        let document = Document(sorting: [item("a", "1")])
        let outgoing = OutgoingDocument(document, named: .system)
        #expect(outgoing.head.encoding == .plain && outgoing.head.basis.isEmpty)
        #expect(outgoing.head.size == 10 && outgoing.head.inflatedSize == 10)
        #expect(chunks(of: outgoing).map(\.data.count) == [10])
        let arrived = try carried(outgoing)
        #expect(arrived.name == .system && arrived.isComplete && arrived.memory == 20)
        #expect(try arrived.assembled(basis: nil).document.body == document.body)
    }

    @Test("an empty one has no chunk and is complete at its head")
    func empty() throws {
        let outgoing = OutgoingDocument(.empty, named: .agent)
        #expect(outgoing.isAtEnd && chunks(of: outgoing).isEmpty)
        let arrived = try carried(outgoing)
        #expect(arrived.isComplete)
        #expect(try arrived.assembled(basis: nil).document == .empty)
    }

    @Test("above 1 KiB it is deflated, unless that makes it longer")
    func deflated() throws {
        func facts(_ bytes: Int) -> Document {
            Document(sorting: [Document.Item(key: [], value: [UInt8](repeating: 7, count: bytes - 8))])
        }
        #expect(OutgoingDocument(facts(1024), named: .system).head.encoding == .plain)
        let outgoing = OutgoingDocument(facts(1025), named: .system)
        #expect(outgoing.head.encoding == .deflate && outgoing.head.size < 100 && outgoing.head.inflatedSize == 1025)
        #expect(try carried(outgoing).assembled(basis: nil).document == facts(1025))
        var generator = Seeded(3)
        let random = Document(sorting: [Document.Item(key: [], value: generator.bytes(2000...2000))])
        #expect(OutgoingDocument(random, named: .system).head.encoding == .plain)
    }

    @Test("chunks are at most 8 KiB and carry every byte", arguments: [78, 79, 500, 3000])
    func chunked(items: Int) throws {
        let document = noise(items)
        let outgoing = OutgoingDocument(document, named: .installed)
        let sizes = chunks(of: outgoing).map(\.data.count)
        #expect(
            sizes.dropLast().allSatisfy { $0 == OutgoingDocument.maximumChunkBytes }
                && sizes.reduce(0, +) == Int(outgoing.head.size))
        #expect(try carried(outgoing).assembled(basis: nil).document.body == document.body)
    }

    @Test("a patch goes when it is shorter than the whole")
    func patch() throws {
        let old = noise(500)
        var items = old.items()
        items[250].value = [1, 2, 3]
        let new = Document(sorting: items)
        let outgoing = OutgoingDocument(new, named: .installed, basis: old)
        #expect(outgoing.head.size < 20 && Array(outgoing.head.basis) == old.digest.bytes)
        let arrived = try carried(outgoing)
        #expect(arrived.basis == old.digest && arrived.digest == new.digest)
        let (document, patch) = try arrived.assembled(basis: old)
        #expect(document.body == new.body && patch?.operations.count == 1)
        #expect(OutgoingDocument(noise(3, seed: 9), named: .installed, basis: old).head.basis.isEmpty)
    }

    @Test("a long patch is deflated; a patch to the same document is empty")
    func patches() throws {
        let old = noise(500)
        let new = Document(sorting: old.items() + (0..<100).map { item("zz\($0)", String(repeating: "text", count: 20)) })
        let outgoing = OutgoingDocument(new, named: .installed, basis: old)
        #expect(outgoing.head.encoding == .deflate && !outgoing.head.basis.isEmpty)
        #expect(try carried(outgoing).assembled(basis: old).document == new)
        #expect(try carried(OutgoingDocument(old, named: .installed, basis: old)).assembled(basis: old).document == old)
    }

    @Test("what comes out must have the digest announced")
    func mismatch() throws {
        let old = noise(20)
        let new = Document(sorting: old.items().dropLast())
        let patched = try carried(OutgoingDocument(new, named: .installed, basis: old))
        let other = Document(sorting: old.items().dropFirst())
        #expect(code { () throws(WireError) in try patched.assembled(basis: other) } == .digestMismatch)
        #expect(code { () throws(WireError) in try patched.assembled(basis: nil) } == .malformedDocument)
        var head = OutgoingDocument(old, named: .installed).head
        head.digest = .init(new.digest.bytes)
        let whole = try arrived(head, chunks(of: OutgoingDocument(old, named: .installed)).map { Array($0.data) })
        #expect(code { () throws(WireError) in try whole.assembled(basis: nil) } == .digestMismatch)
    }

    private func arrived(_ head: Muster_V1_DocumentHead, _ data: [[UInt8]]) throws(WireError) -> IncomingDocument {
        var incoming = try IncomingDocument(head: head)
        for data in data { try incoming.chunkReceived(chunk(data)) }
        return incoming
    }

    private func chunk(_ data: [UInt8]) -> Muster_V1_DocumentChunk {
        var chunk = Muster_V1_DocumentChunk()
        chunk.data = .init(data)
        return chunk
    }

    private func head(_ change: (inout Muster_V1_DocumentHead) -> Void = { _ in }) -> Muster_V1_DocumentHead {
        var head = Muster_V1_DocumentHead()
        head.document = 1
        head.digest = .init(Document.empty.digest.bytes)
        head.size = 20
        head.inflatedSize = 20
        change(&head)
        return head
    }

    @Test("heads at the limits and past them, before a byte is kept")
    func heads() {
        let limit = UInt32(Document.maximumBodyBytes)
        func code(_ change: (inout Muster_V1_DocumentHead) -> Void) -> WireError.Code? {
            MusterWireTests.code { () throws(WireError) in try IncomingDocument(head: head(change)) }
        }
        #expect(code { _ in } == nil)
        #expect(code { ($0.size, $0.inflatedSize) = (limit, limit) } == nil)
        #expect(code { ($0.size, $0.inflatedSize) = (limit + 1, limit + 1) } == .documentTooLarge)
        #expect(code { ($0.size, $0.inflatedSize, $0.encoding) = (1, limit + 1, .deflate) } == .documentTooLarge)
        #expect(code { ($0.size, $0.inflatedSize, $0.encoding) = (limit + 1, 1, .deflate) } == .documentTooLarge)
        #expect(code { ($0.size, $0.inflatedSize, $0.encoding) = (.max, .max, .deflate) } == .documentTooLarge)
        #expect(code { $0.inflatedSize = 21 } == .malformedDocument)
        #expect(code { ($0.size, $0.encoding) = (0, .deflate) } == .malformedDocument)
        #expect(code { $0.encoding = .UNRECOGNIZED(2) } == .malformedDocument)
        #expect(code { $0.document = 9 } == .malformedDocument)
        #expect(code { $0.digest = .init([1, 2, 3]) } == .malformedDocument)
        #expect(code { $0.basis = .init([UInt8](repeating: 0, count: 15)) } == .malformedDocument)
        #expect(code { $0.basis = .init([UInt8](repeating: 0, count: 16)) } == nil)
    }

    @Test("chunks at the limits and past them")
    func chunkLimits() throws {
        var incoming = try IncomingDocument(head: head { ($0.size, $0.inflatedSize) = (8193, 8193) })
        #expect(code { () throws(WireError) in try incoming.chunkReceived(chunk([])) } == .malformedDocument)
        #expect(
            code { () throws(WireError) in try incoming.chunkReceived(chunk([UInt8](repeating: 0, count: 8193))) }
                == .malformedDocument)
        try incoming.chunkReceived(chunk([UInt8](repeating: 0, count: 8192)))
        #expect(!incoming.isComplete)
        #expect(code { () throws(WireError) in try incoming.assembled(basis: nil) } == .malformedDocument)
        #expect(code { () throws(WireError) in try incoming.chunkReceived(chunk([0, 0])) } == .malformedDocument)
        try incoming.chunkReceived(chunk([0]))
        #expect(incoming.isComplete)
        #expect(code { () throws(WireError) in try incoming.chunkReceived(chunk([0])) } == .malformedDocument)
    }

    @Test("a bomb costs what it announced: 16 MiB of zeros announced as 1,000 bytes")
    func bomb() throws {
        let bomb = try #require(Deflate.deflated([UInt8](repeating: 0, count: Document.maximumBodyBytes)))
        #expect(bomb.count < 20_000)
        #expect(code { () throws(WireError) in try Deflate.inflated(bomb, size: 1000) } == .documentTooLarge)
        let bytes = stride(from: 0, to: bomb.count, by: 8192).map { Array(bomb[$0..<min($0 + 8192, bomb.count)]) }
        let incoming = try arrived(
            head {
                ($0.size, $0.inflatedSize, $0.encoding) = (UInt32(bomb.count), 1000, .deflate)
            }, bytes)
        #expect(code { () throws(WireError) in try incoming.assembled(basis: nil) } == .documentTooLarge)
    }

    @Test("deflated bytes: cut short, with more behind them, damaged, of another size")
    func inflate() throws {
        let text = Array(String(repeating: "muster ", count: 300).utf8)
        let deflated = try #require(Deflate.deflated(text))
        #expect(try Deflate.inflated(deflated, size: text.count) == text)
        let wrong: [([UInt8], Int)] = [
            (deflated.dropLast(), text.count), (deflated + [0], text.count), (deflated, text.count + 1),
            (deflated, text.count - 1),
            (deflated, 0), ([], 5), ([1, 2, 3], 5), (Array(deflated.reversed()), text.count),
        ]
        for (bytes, size) in wrong {
            let code = code { () throws(WireError) in try Deflate.inflated(bytes, size: size) }
            #expect(code == .malformedDocument || code == .documentTooLarge)
        }
    }
}
