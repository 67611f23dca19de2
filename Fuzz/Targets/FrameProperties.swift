import MusterWire
import NIOCore

/// The first byte says how many bytes arrive at once, the second whether the other side is known; the rest is the stream.
enum FrameProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyViolation) {
        guard bytes.count > 2 else { return }
        let stream = Array(bytes.dropFirst(2))
        let limit = bytes[1].isMultiple(of: 2) ? FrameLimits.beforeAuthorization : FrameLimits.inSession
        let whole = read(stream, piece: stream.count, limit: limit)
        let pieces = read(stream, piece: Int(bytes[0]) + 1, limit: limit)
        try expect(whole == pieces, "\(whole.frames.count) frames at once, \(pieces.frames.count) in pieces")
        for frame in whole.frames { try checkEncoding(of: frame) }
    }

    /// What came out of a stream, and why it ended.
    private struct Outcome: Equatable {
        var frames: [Muster_V1_Frame] = []
        var error: WireError.Code?
    }

    private static func read(_ stream: [UInt8], piece: Int, limit: Int) -> Outcome {
        let codec = FrameCodec(limit: limit)
        var buffer = ByteBuffer()
        var outcome = Outcome()
        var rest = stream[...]
        do throws(WireError) {
            repeat {
                buffer.writeBytes(rest.prefix(piece))
                rest = rest.dropFirst(piece)
                while let frame = try codec.nextFrame(from: &buffer) { outcome.frames.append(frame) }
            } while !rest.isEmpty
        } catch {
            outcome.error = error.code
        }
        return outcome
    }

    private static func checkEncoding(of frame: Muster_V1_Frame) throws(PropertyViolation) {
        var buffer = ByteBuffer()
        let codec = FrameCodec(limit: 2 * FrameLimits.inSession)
        var again: Muster_V1_Frame?
        do throws(WireError) {
            try FrameCodec.append(frame, to: &buffer)
            again = try codec.nextFrame(from: &buffer)
        } catch {
            throw PropertyViolation(description: "a frame that was read cannot be written: \(error)")
        }
        try expect(again == frame, "a frame changed on its way out and in")
        try expect(buffer.readableBytes == 0, "bytes were left behind a frame")
    }
}
