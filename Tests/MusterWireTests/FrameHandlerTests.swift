import MusterModel
import NIOCore
import NIOEmbedded
import Testing

@testable import MusterWire

@Suite("Frames in a channel")
struct FrameHandlerTests {
    private func channel() -> (EmbeddedChannel, FrameHandler) {
        let handler = FrameHandler()
        return (EmbeddedChannel(handler: handler), handler)
    }

    private func error(_ body: () throws -> Void) -> WireError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? WireError)?.code
        }
    }

    @Test("frames come out whole, whatever pieces they came in", arguments: [1, 2, 3, 7, 64, 100_000])
    func pieces(size: Int) throws {
        let (channel, _) = channel()
        let frames = try (1...5).map { FrameCodecTests.ping($0) } + [FrameCodecTests.frame(bytes: 8192)]
        var bytes = ByteBuffer()
        for frame in frames { try FrameCodec.append(frame, to: &bytes) }
        while bytes.readableBytes > 0, let piece = bytes.readSlice(length: min(size, bytes.readableBytes)) {
            try channel.writeInbound(piece)
        }
        for frame in frames { #expect(try channel.readInbound(as: Muster_V1_Frame.self) == frame) }
        #expect(try channel.readInbound(as: Muster_V1_Frame.self) == nil)
        _ = try channel.finish()
    }

    @Test("nothing is read after an error, and the error comes once")
    func afterError() throws {
        let (channel, _) = channel()
        var bytes = try FrameCodecTests.encoded(FrameCodecTests.ping(1))
        bytes.writeBytes([0, 0, 0, 0])
        bytes.writeImmutableBuffer(try FrameCodecTests.encoded(FrameCodecTests.ping(2)))
        #expect(error { try channel.writeInbound(bytes) } == .malformedFrame)
        #expect(error { try channel.writeInbound(FrameCodecTests.encoded(FrameCodecTests.ping(3))) } == nil)
        #expect(error { try channel.writeInbound(ByteBuffer(integer: UInt32.max)) } == nil)
        #expect(try channel.readInbound(as: Muster_V1_Frame.self) == FrameCodecTests.ping(1))
        #expect(try channel.readInbound(as: Muster_V1_Frame.self) == nil)
        _ = try channel.finish()
    }

    @Test("longer frames are taken only after they are allowed, also within one read")
    func allowed() throws {
        let large = try FrameCodecTests.frame(bytes: FrameLimits.inSession)
        let (refused, _) = channel()
        #expect(error { try refused.writeInbound(FrameCodecTests.encoded(large)) } == .oversizeFrame)
        _ = try? refused.finish()

        let handler = FrameHandler()
        let channel = EmbeddedChannel(handlers: [handler, AllowAfterFirst(handler)])
        try channel.writeInbound(FrameCodecTests.encoded(FrameCodecTests.ping(1), large))
        #expect(try channel.readInbound(as: Muster_V1_Frame.self) == FrameCodecTests.ping(1))
        #expect(try channel.readInbound(as: Muster_V1_Frame.self) == large)
        _ = try channel.finish()
    }

    @Test("writes go in pieces of at most 4 KiB and are the same bytes", arguments: [11, 4092, 4093, 8192, 16_384])
    func writes(bytes: Int) throws {
        let (channel, _) = channel()
        let frame = try FrameCodecTests.frame(bytes: bytes)
        try channel.writeOutbound(frame)
        var written = ByteBuffer()
        var pieces: [Int] = []
        while let piece = try channel.readOutbound(as: ByteBuffer.self) {
            pieces.append(piece.readableBytes)
            written.writeImmutableBuffer(piece)
        }
        #expect(pieces.allSatisfy { (1...FrameLimits.pieceBytes).contains($0) } && pieces.count == (bytes + 4 + 4095) / 4096)
        #expect(written == (try FrameCodecTests.encoded(frame)))
        _ = try channel.finish()
    }
}

/// Raises the limit when the first frame has come, as a session does when its device is recognized.
private final class AllowAfterFirst: ChannelInboundHandler {
    typealias InboundIn = Muster_V1_Frame
    private let frames: FrameHandler

    init(_ frames: FrameHandler) { self.frames = frames }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        frames.allow(FrameLimits.inSession)
        context.fireChannelRead(data)
    }
}
