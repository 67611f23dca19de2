package import NIOCore
import SwiftProtobuf

/// A frame as bytes: its length (u32, big-endian) and one protobuf message. Pure; `FrameHandler` runs it in a channel.
package struct FrameCodec: Sendable {
    /// The longest frame taken, in bytes without the length. Raised when the other side has been recognized.
    package var limit: Int

    package init(limit: Int = FrameLimits.beforeAuthorization) { self.limit = limit }

    /// Takes one frame off the front of `buffer`; nil when it is not all there yet.
    /// - Throws: `oversizeFrame` as soon as the length is known, `malformedFrame`. The connection cannot go on after either.
    package func nextFrame(from buffer: inout ByteBuffer) throws(WireError) -> Muster_V1_Frame? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard length <= limit else { throw .oversizeFrame(Int(length), limit: limit) }
        guard length > 0 else { throw .malformedFrame("an empty frame") }
        guard buffer.readableBytes >= FrameLimits.prefixBytes + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: FrameLimits.prefixBytes)
        guard let bytes = buffer.readBytes(length: Int(length)) else { return nil }
        do {
            return try Muster_V1_Frame(serializedBytes: bytes)
        } catch {
            throw .malformedFrame("not a protobuf message: \(error)")
        }
    }

    /// Appends a frame. Frames of ours are within the limits by construction.
    package static func append(_ frame: Muster_V1_Frame, to buffer: inout ByteBuffer) throws(WireError) {
        do {
            let bytes: [UInt8] = try frame.serializedBytes()
            buffer.writeInteger(UInt32(truncatingIfNeeded: bytes.count))
            buffer.writeBytes(bytes)
        } catch {
            throw .malformedFrame("cannot be encoded: \(error)")
        }
    }
}
