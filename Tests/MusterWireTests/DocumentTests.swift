import MusterModel
import Testing

@testable import MusterWire

@Suite("Documents and their digests")
struct DocumentTests {
    @Test("items come out in the order of their keys' bytes, whatever the order they went in")
    func order() {
        let keys: [[UInt8]] = [[2], [1, 0], [1], [], [0xff], [1, 0xff], [0x80]]
        for _ in 0..<20 {
            let document = Document(sorting: keys.shuffled().map { Document.Item(key: $0, value: [1]) })
            #expect(document.items().map(\.key) == [[], [1], [1, 0], [1, 0xff], [2], [0x80], [0xff]])
        }
    }

    @Test("of equal keys the last wins")
    func lastWins() {
        #expect(Document(sorting: [item("a", "1"), item("b"), item("a", "2")]).items() == [item("a", "2"), item("b")])
    }

    @Test("the bytes: u32 length, key, u32 length, value")
    func bytes() {
        #expect(
            Document(sorting: [item("name", "x"), item("a")]).body == [0, 0, 0, 1, 97, 0, 0, 0, 0, 0, 0, 0, 4] + "name".utf8 + [
                0, 0, 0, 1, 120,
            ])
        #expect(Document.empty.body.isEmpty)
    }

    /// Computed apart from this code: `printf '\x01' | sha256sum`, and python's hashlib over the bytes of `bytes()` above.
    @Test("digests are known: first 16 bytes of SHA-256(1 ‖ body)")
    func digest() {
        #expect(Document.empty.digest.description == "4bf5122f344554c53bde2ebb8cd2b7e3")
        #expect(Document(sorting: [item("name", "x"), item("a")]).digest.description == "4e44db4f0fd88f43c56362bb7f4da1a6")
    }

    @Test("the root is known, covers numbers and digests in order, and nothing that is not held")
    func root() {
        let some = Document(sorting: [item("name", "x"), item("a")]).digest
        let root = Digest(root: [.installed: some, .system: Document.empty.digest])
        #expect(root.description == "3793a9572d3d13048ea27837ab448d2a")
        #expect(Digest(root: [.system: some, .installed: Document.empty.digest]) != root)
        #expect(Digest(root: [.installed: some]) != root)
        #expect(Digest(root: [:]) == Document.empty.digest)
    }

    @Test("bytes taken in are the bytes kept")
    func encoded() throws {
        var generator = Seeded(1)
        for _ in 0..<500 {
            let document = generator.document()
            let read = try Document(encoded: document.body)
            #expect(read.body == document.body && read.digest == document.digest && read.items() == document.items())
            #expect(Document(sorting: read.items()) == document)
        }
    }

    @Test(
        "bytes that are no document",
        arguments: [
            [0], [0, 0, 0, 1], [0, 0, 0, 1, 7], [0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 9],
            [0xff, 0xff, 0xff, 0xff, 1], [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            // Equal keys, falling keys.
            [0, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0, 1, 5, 0, 0, 0, 0], [0, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0],
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        #expect(code { () throws(WireError) in try Document(encoded: bytes) } == .malformedDocument)
    }

    /// One item's bytes, whatever its lengths.
    private func body(key: Int, value: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(counted: [UInt8](repeating: 1, count: key))
        bytes.append(counted: [UInt8](repeating: 2, count: value))
        return bytes
    }

    @Test("a key of 1,024 bytes and a value of 64 KiB at most")
    func itemLimits() throws {
        #expect(try Document(encoded: body(key: 1024, value: 65_536)).items().count == 1)
        #expect(code { () throws(WireError) in try Document(encoded: body(key: 1025, value: 0)) } == .malformedDocument)
        #expect(code { () throws(WireError) in try Document(encoded: body(key: 1, value: 65_537)) } == .malformedDocument)
    }

    @Test("a body of 16 MiB at most")
    func bodyLimit() throws {
        var bytes: [UInt8] = []
        for key in 0..<256 {
            bytes.append(counted: [UInt8(key)])
            bytes.append(counted: [UInt8](repeating: 0, count: 65_536 - 9))
        }
        #expect(bytes.count == Document.maximumBodyBytes)
        #expect(try Document(encoded: bytes).items().count == 256)
        bytes.append(0)
        #expect(code { () throws(WireError) in try Document(encoded: bytes) } == .documentTooLarge)
    }

    @Test("items no receiver would take are left out, and the rest arrives")
    func absurdItems() throws {
        let long = Document.Item(key: [UInt8](repeating: 97, count: 1025), value: [])
        let large = Document.Item(key: [1], value: [UInt8](repeating: 0, count: 65_537))
        let document = Document(sorting: [long, item("a", "1"), large])
        #expect(document.items() == [item("a", "1")])
        #expect(try Document(encoded: document.body) == document)
        let many = (0..<300).map {
            Document.Item(key: [1, UInt8($0 / 256), UInt8($0 % 256)], value: [UInt8](repeating: 0, count: 65_536))
        }
        let full = Document(sorting: many)
        #expect(full.body.count <= Document.maximumBodyBytes && full.items().count == 255)
    }

    @Test("facts: texts and numbers come back; what is no fact is left out")
    func facts() {
        let facts: [String: Document.FactValue] = [
            "hostName": .text("kühl"), "memory": .integer(-3), "empty": .text(""), "zero": .integer(0),
        ]
        let document = Document(facts: facts)
        #expect(document.facts() == facts)
        let strange = Document(
            sorting: document.items() + [item("odd", "\u{1}"), Document.Item(key: [0xff, 0xfe], value: [0xff])])
        #expect(strange.facts() == facts)
    }

    @Test("installed applications come back in order of source, name, architecture")
    func installed() throws {
        let bash = InstalledApplication(
            source: "dpkg", name: "bash", version: "5.2.15-2+b7", architecture: "amd64", size: 7_000_000)
        let other = InstalledApplication(source: "dpkg", name: "bash", version: "5.2.15-2+b7", architecture: "i386", size: .max)
        let wheel = InstalledApplication(source: "python", name: "wheel", version: "")
        #expect(try Document(installed: [wheel, other, bash]).installedApplications() == [bash, other, wheel])
    }

    @Test("an absurd name keeps no other application from arriving")
    func absurdNames() throws {
        let good = InstalledApplication(source: "dpkg", name: "bash", version: "5")
        let zero = InstalledApplication(source: "dpkg", name: "a\0b", version: "1", architecture: "\0")
        let nameless = InstalledApplication(source: "dpkg", name: "", version: "1")
        let endless = InstalledApplication(source: "dpkg", name: String(repeating: "n", count: 2000), version: "1")
        let read = try Document(installed: [nameless, good, zero, endless]).installedApplications()
        #expect(read.map(\.name) == ["a\u{FFFD}b", "bash"])
    }

    @Test("keys and values that are no installed application")
    func damagedInstalled() {
        for bad in [item("dpkg"), item("dpkg\0bash"), item("\0bash\0"), item("dpkg\0\0"), item("a\0b\0c\0d"), item("")] {
            #expect(code { () throws(WireError) in try InstalledApplication(bad) } == .malformedDocument)
        }
        #expect(code { () throws(WireError) in try InstalledApplication(item("a\0b\0", "\u{7f}")) } == .malformedDocument)
    }
}
