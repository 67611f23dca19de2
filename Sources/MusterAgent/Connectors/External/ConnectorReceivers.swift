import NIOCore
import Synchronization

/// Cuts what a connector says into lines and hands them on; past the bound of those that wait it says nothing more.
final class LineReceiver: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private struct State {
        var decoder: ControlLineDecoder
        var buffer = ByteBuffer()
    }

    private let state: Mutex<State>
    private let saying: AsyncStream<ControlLine>.Continuation
    private let flooded = Atomic(false)

    /// More lines waited than may.
    var isFlooded: Bool { flooded.load(ordering: .relaxed) }

    init(_ saying: AsyncStream<ControlLine>.Continuation, limit: Int) {
        self.saying = saying
        state = Mutex(State(decoder: ControlLineDecoder(limit: limit)))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var piece = unwrapInboundIn(data)
        let lines = state.withLock { state in
            state.buffer.writeBuffer(&piece)
            var lines: [ControlLine] = []
            while let line = state.decoder.next(in: &state.buffer, isEnd: false) { lines.append(line) }
            return lines
        }
        for line in lines {
            guard case .enqueued = saying.yield(line) else {
                flooded.store(true, ordering: .relaxed)
                saying.finish()
                return context.close(promise: nil)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { saying.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// What a connector writes to standard error, for the agent's log: short lines, few of them, whatever it writes.
final class LogReceiver: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let state = Mutex(LogAllowance())
    private let log: @Sendable (String) -> Void

    init(_ log: @escaping @Sendable (String) -> Void) { self.log = log }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        for line in state.withLock({ $0.lines(bytes.readableBytesView, now: .now) }) { log(line) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Which lines are logged. A value; by the steady clock.
struct LogAllowance: Sendable {
    static let maximumBytes = 1000
    /// A minute: a trace of Python, and no log full of it.
    static let maximumLines = 20

    private var line: [UInt8] = []
    private var minute: ContinuousClock.Instant?
    private var count = 0

    init() {}

    mutating func lines(_ bytes: some Sequence<UInt8>, now: ContinuousClock.Instant) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                if line.count < Self.maximumBytes { line.append(byte) }
                continue
            }
            if let text = finished(now) { lines.append(text) }
        }
        return lines
    }

    private mutating func finished(_ now: ContinuousClock.Instant) -> String? {
        defer { line = [] }
        if minute.map({ now - $0 >= .seconds(60) }) ?? true { (minute, count) = (now, 0) }
        count += 1
        if count == Self.maximumLines + 1 {
            return "it writes more than \(Self.maximumLines) lines a minute; the rest is left out"
        }
        guard count <= Self.maximumLines else { return nil }
        let text = String(decoding: line, as: UTF8.self)
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "\u{fffd}" : $0 }))
    }
}
