import MusterModel
import Testing

@testable import MusterWire

@Suite("The datagram")
struct DatagramTests {
    private let datagram = Datagram(
        kind: .connectionRequest, reason: 3, keyID: Document.empty.digest, device: device(), counter: 0x0102_0304_0506_0708,
        time: noon, runID: .max - 1)
    private let signature = (0..<64).map { UInt8($0) }

    private var bytes: [UInt8] { datagram.signedPart + signature }

    @Test("136 bytes, each field at its place")
    func layout() {
        #expect(bytes.count == Datagram.bytes && datagram.signedPart.count == Datagram.signedBytes)
        #expect(Array(bytes[0..<8]) == Array("MUS1".utf8) + [1, 3, 0, 0])
        #expect(Array(bytes[8..<24]) == datagram.keyID.bytes && Array(bytes[24..<40]) == datagram.device.bytes)
        #expect(Array(bytes[40..<48]) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(Array(bytes[48..<56]) == [0, 0, 1, 0xa2, 0x0d, 0xf6, 0xaf, 0x3a])
        #expect(Array(bytes[56..<72]) == [255, 255, 255, 255, 255, 255, 255, 254, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test("comes back, whatever is in it", arguments: 0..<100 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = Seeded(seed)
        let datagram = Datagram(
            kind: seed % 2 == 0 ? .connectionRequest : .shutdownNotice, reason: UInt8(truncatingIfNeeded: generator.next()),
            keyID: Digest(truncating: generator.bytes(16...16)), device: device(seed), counter: generator.next(),
            time: Timestamp(milliseconds: Int64(bitPattern: generator.next())), runID: generator.next())
        let signature = generator.bytes(64...64)
        let parsed = try Datagram.parse(datagram.signedPart + signature)
        #expect(parsed.datagram == datagram && parsed.signature == signature)
    }

    private func refusal(_ change: (inout [UInt8]) -> Void) -> WireError.Code? {
        var bytes = bytes
        change(&bytes)
        return code { () throws(WireError) in try Datagram.parse(bytes) }
    }

    @Test("every other length is refused", arguments: [0, 1, 4, 71, 72, 135, 137, 272, 1500, 65_507])
    func lengths(count: Int) {
        #expect(
            refusal { $0 = Array(($0 + [UInt8](repeating: 0, count: max(0, count - 136))).prefix(count)) } == .malformedDatagram)
    }

    @Test("each wrong field is refused")
    func fields() {
        #expect(refusal { _ in } == nil)
        for place in 0..<4 { #expect(refusal { $0[place] ^= 0x20 } == .malformedDatagram) }
        for kind in [0, 3, 255] as [UInt8] { #expect(refusal { $0[4] = kind } == .malformedDatagram) }
        #expect(refusal { $0[4] = 2 } == nil)
        for place in [6, 7] + (64..<72) { #expect(refusal { $0[place] = 1 } == .malformedDatagram) }
    }
}
