import NIOCore

/// What came in on a control connection.
enum ControlLine: Hashable, Sendable {
    /// Without its line feed.
    case line([UInt8])
    /// A line past the limit; everything after it is thrown away.
    case tooLong
}

/// Cuts bytes into lines. The last line may lack its line feed.
struct ControlLineDecoder: ByteToMessageDecoder {
    typealias InboundOut = ControlLine

    private let limit: Int
    /// Bytes of the buffer known to hold no line feed, so that a line in many pieces is looked through once.
    private var searched = 0
    private var isOver = false

    init(limit: Int) { self.limit = limit }

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        next(in: &buffer, isEnd: false).map { context.fireChannelRead(wrapInboundOut($0)) } == nil ? .needMoreData : .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        next(in: &buffer, isEnd: true).map { context.fireChannelRead(wrapInboundOut($0)) } == nil ? .needMoreData : .continue
    }

    /// - Parameter isEnd: nothing more comes.
    mutating func next(in buffer: inout ByteBuffer, isEnd: Bool) -> ControlLine? {
        guard !isOver else {
            buffer.clear()
            return nil
        }
        let bytes = buffer.readableBytesView
        let end = bytes.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")).map { $0 - bytes.startIndex }
        guard (end ?? bytes.count) <= limit else {
            isOver = true
            buffer.clear()
            return .tooLong
        }
        guard let end = end ?? (isEnd && !bytes.isEmpty ? bytes.count : nil) else {
            searched = bytes.count
            return nil
        }
        searched = 0
        let line = buffer.readBytes(length: end) ?? []
        buffer.moveReaderIndex(forwardBy: min(1, buffer.readableBytes))
        return .line(line)
    }
}
