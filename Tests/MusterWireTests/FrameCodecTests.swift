import FoundationEssentials
import MusterModel
import NIOCore
import SwiftProtobuf
import Testing

@testable import MusterWire

@Suite("Frames as bytes")
struct FrameCodecTests {
    static func ping(_ id: UInt64) -> Muster_V1_Frame {
        var ping = Muster_V1_Ping()
        ping.id = id
        return Muster_V1_Frame(.ping(ping))
    }

    /// A frame of exactly `bytes` bytes.
    static func frame(bytes: Int) throws -> Muster_V1_Frame {
        var goodbye = Muster_V1_Goodbye()
        for text in stride(from: bytes, to: 0, by: -1) {
            goodbye.text = String(repeating: "x", count: text)
            let frame = Muster_V1_Frame(.goodbye(goodbye))
            if try frame.serializedData().count == bytes { return frame }
        }
        throw WireError.malformedFrame("no frame has \(bytes) bytes")
    }

    static func encoded(_ frames: Muster_V1_Frame...) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        for frame in frames { try FrameCodec.append(frame, to: &buffer) }
        return buffer
    }

    @Test("length and message; several in a row; a rest stays")
    func sequence() throws {
        var buffer = try Self.encoded(Self.ping(1), Self.ping(2))
        #expect(buffer.getInteger(at: 0, as: UInt32.self) == 11)
        buffer.writeBytes([0, 0, 0, 3, 1])
        let codec = FrameCodec()
        #expect(try codec.nextFrame(from: &buffer) == Self.ping(1))
        #expect(try codec.nextFrame(from: &buffer) == Self.ping(2))
        #expect(try codec.nextFrame(from: &buffer) == nil)
        #expect(buffer.readableBytes == 5)
    }

    @Test("byte by byte: nothing until the last")
    func byteByByte() throws {
        let codec = FrameCodec()
        var arrived = ByteBuffer()
        let bytes = Array(try Self.encoded(Self.ping(.max)).readableBytesView)
        for byte in bytes.dropLast() {
            arrived.writeBytes([byte])
            #expect(try codec.nextFrame(from: &arrived) == nil)
        }
        arrived.writeBytes(bytes.suffix(1))
        #expect(try codec.nextFrame(from: &arrived) == Self.ping(.max))
    }

    @Test("at the limit a frame is taken, one byte past it refused, before the bytes are here", arguments: [8192, 16_384])
    func limits(limit: Int) throws {
        let codec = FrameCodec(limit: limit)
        let largest = try Self.frame(bytes: limit)
        var buffer = try Self.encoded(largest)
        #expect(try codec.nextFrame(from: &buffer) == largest)
        var past = ByteBuffer(integer: UInt32(limit + 1))
        #expect(code { () throws(WireError) in try codec.nextFrame(from: &past) } == .oversizeFrame)
        var most = ByteBuffer(integer: UInt32.max)
        #expect(code { () throws(WireError) in try codec.nextFrame(from: &most) } == .oversizeFrame)
    }

    @Test("no length, no message")
    func malformed() {
        for bytes in [[0, 0, 0, 0], [0, 0, 0, 1, 0xff], [0, 0, 0, 2, 0x6a, 5], [0, 0, 0, 4, 0x7a, 2, 0x1a, 1]] as [[UInt8]] {
            var buffer = ByteBuffer(bytes: bytes)
            #expect(code { () throws(WireError) in try FrameCodec().nextFrame(from: &buffer) } == .malformedFrame)
        }
    }

    @Test("a message of a later version is a frame without a body")
    func later() throws {
        // Field 200, length 2.
        var buffer = ByteBuffer(bytes: [0, 0, 0, 5, 0xc2, 0x0c, 2, 1, 2])
        let frame = try FrameCodec().nextFrame(from: &buffer)
        #expect(frame != nil && frame?.body == nil)
    }

    @Test("features of a later version are left out; common is what both know")
    func features() {
        var message = Muster_V1_Features()
        message.documents = [3, 1, 999, 32, 1]
        #expect(FeatureSet(message).documents == [.system, .hardware, .agent])
        #expect(FeatureSet.own.common(with: FeatureSet(documents: [.agent])).message.documents == [32])
        #expect(FeatureSet.own.message.documents == DocumentName.allCases.map(\.rawValue).sorted())
    }

    @Test("each error of the wire has its close reason")
    func closeReasons() {
        #expect(WireError.oversizeFrame(9, limit: 8).closeReason == .oversizeFrame)
        #expect(WireError.malformedFrame("").closeReason == .malformedFrame)
        #expect(WireError.malformedEvent("").closeReason == .malformedFrame)
        #expect(WireError.malformedDocument("").closeReason == .malformedDocument)
        #expect(WireError.documentTooLarge("").closeReason == .documentTooLarge)
        #expect(
            WireError.digestMismatch(announced: Document.empty.digest, found: Document.empty.digest).closeReason
                == .malformedDocument)
    }
}
