import MusterModel

@testable import MusterWire

/// A repeatable source of randomness (SplitMix64): a failure is found again by its seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    mutating func bytes(_ count: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: count, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// A document of few short keys, so that two of them share some.
    mutating func document(items: ClosedRange<Int> = 0...12) -> Document {
        let count = Int.random(in: items, using: &self)
        return Document(
            sorting: (0..<count).map { _ in
                Document.Item(key: [UInt8.random(in: 0...9, using: &self)] + bytes(0...1).map { $0 & 3 }, value: bytes(0...4))
            })
    }

    /// One to four changes: bytes replaced, put in or taken out, the end cut off or doubled.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0...6, using: &self) {
            case 0 where !bytes.isEmpty: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 1 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &self)
            case 2 where !bytes.isEmpty: bytes.remove(at: place)
            case 3: bytes.insert(UInt8.random(in: 0...255, using: &self), at: place)
            case 4: bytes.removeLast(bytes.count - place)
            case 5 where !bytes.isEmpty: bytes[place] = [0, 0x7f, 0x80, 0xff].randomElement(using: &self) ?? 0
            default: bytes += bytes.suffix(8)
            }
        }
        return bytes
    }
}

/// 2026-11-24T14:30:00.250Z.
let noon = Timestamp(milliseconds: 1_795_530_600_250)

func device(_ number: UInt64 = 1) -> DeviceID {
    var generator = Seeded(number)
    return .random(using: &generator)
}

func item(_ key: String, _ value: String = "") -> Document.Item {
    Document.Item(key: Array(key.utf8), value: Array(value.utf8))
}

/// The code of the error thrown, if one was.
func code<Value>(of body: () throws(WireError) -> Value) -> WireError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}

/// All chunks of a document, in order.
func chunks(of document: OutgoingDocument) -> [Muster_V1_DocumentChunk] {
    var document = document
    var chunks: [Muster_V1_DocumentChunk] = []
    while let chunk = document.nextChunk() { chunks.append(chunk) }
    return chunks
}

/// A document carried over: head and chunks as they are sent, taken in by the other side.
func carried(_ document: OutgoingDocument) throws(WireError) -> IncomingDocument {
    var incoming = try IncomingDocument(head: document.head)
    for chunk in chunks(of: document) { try incoming.chunkReceived(chunk) }
    return incoming
}
