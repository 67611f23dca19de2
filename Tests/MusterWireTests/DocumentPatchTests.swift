import Testing

@testable import MusterWire

@Suite("Patches between documents")
struct DocumentPatchTests {
    @Test("what is gone is removed, what is new or changed is put, in order of keys")
    func operations() {
        let old = Document(sorting: [item("a", "1"), item("b", "1"), item("d", "1"), item("z", "1")])
        let new = Document(sorting: [item("a", "1"), item("b", "2"), item("c", "1"), item("z", "1")])
        let patch = DocumentPatch(from: old, to: new)
        #expect(patch.operations == [.put(item("b", "2")), .put(item("c", "1")), .remove(key: [100])])
        #expect(patch.body == [1, 0, 0, 0, 1, 98, 0, 0, 0, 1, 50, 1, 0, 0, 0, 1, 99, 0, 0, 0, 1, 49, 0, 0, 0, 0, 1, 100])
        #expect(DocumentPatch(from: new, to: new).body.isEmpty)
    }

    @Test("from one random document to another, over bytes", arguments: 0..<20 as Range<UInt64>)
    func property(seed: UInt64) throws {
        var generator = Seeded(seed)
        for _ in 0..<200 {
            let (old, new) = (generator.document(), generator.document())
            let patch = DocumentPatch(from: old, to: new)
            let read = try DocumentPatch(encoded: patch.body)
            #expect(read.operations == patch.operations)
            let result = try read.applied(to: old)
            #expect(result.body == new.body && result.digest == new.digest)
            #expect(patch.operations.count <= old.items().count + new.items().count)
        }
    }

    @Test("a removed key must be there, wherever the patch stands")
    func removedMissing() throws {
        let old = Document(sorting: [item("b"), item("d")])
        for key in ["a", "c", "e"] {
            let patch = try DocumentPatch(encoded: [0, 0, 0, 0, 1] + key.utf8)
            #expect(code { () throws(WireError) in try patch.applied(to: old) } == .malformedDocument)
            #expect(code { () throws(WireError) in try patch.applied(to: .empty) } == .malformedDocument)
        }
    }

    @Test(
        "bytes that are no patch",
        arguments: [
            [2, 0, 0, 0, 0], [0], [0, 0, 0, 0, 1], [1, 0, 0, 0, 1, 97], [1, 0, 0, 0, 1, 97, 0, 0, 0, 1], [1, 0, 0, 4, 1, 97],
            [0, 0, 0, 0, 1, 98, 0, 0, 0, 0, 1, 98], [0, 0, 0, 0, 1, 98, 0, 0, 0, 0, 1, 97], [0xff],
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        #expect(code { () throws(WireError) in try DocumentPatch(encoded: bytes) } == .malformedDocument)
    }

    @Test("a patch cannot make a document too large")
    func tooLarge() throws {
        let value = [UInt8](repeating: 0, count: 65_536 - 9)
        let full = Document(sorting: (0..<256).map { Document.Item(key: [UInt8($0)], value: value) })
        #expect(full.body.count == Document.maximumBodyBytes)
        let patch = try DocumentPatch(encoded: [1, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xf8] + [UInt8](repeating: 0, count: 65_528))
        #expect(code { () throws(WireError) in try patch.applied(to: full) } == .documentTooLarge)
        #expect(try DocumentPatch(encoded: [0, 0, 0, 0, 1, 0]).applied(to: full).items().count == 255)
    }
}
