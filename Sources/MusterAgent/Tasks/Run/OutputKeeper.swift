import MusterModel

/// Keeps the beginning and the end of what the programs of a run say, however much it is. A value; who holds it writes it to the folder.
struct OutputKeeper: Sendable {
    private var head: [UInt8] = []
    /// A ring once it is full.
    private var tail: [UInt8] = []
    private var oldest = 0
    private(set) var total: Int64 = 0

    mutating func append(_ bytes: some BidirectionalCollection<UInt8>) {
        total &+= Int64(bytes.count)
        let room = RunOutput.maximumHead - head.count
        head.append(contentsOf: bytes.prefix(room))
        // Of a flood only the end can stay.
        appendToTail(bytes.dropFirst(room).suffix(RunOutput.maximumTail))
    }

    private mutating func appendToTail(_ bytes: some Collection<UInt8>) {
        guard bytes.count < RunOutput.maximumTail else {
            (tail, oldest) = (Array(bytes), 0)
            return
        }
        let room = RunOutput.maximumTail - tail.count
        tail.append(contentsOf: bytes.prefix(room))
        for byte in bytes.dropFirst(room) {
            tail[oldest] = byte
            oldest = (oldest + 1) % RunOutput.maximumTail
        }
    }

    var output: RunOutput {
        let kept = head + tail[oldest...] + tail[..<oldest]
        return RunOutput(bytes: kept, total: total, cut: total > Int64(kept.count) ? head.count : nil)
    }

    // MARK: In a file

    private static let countBytes = 8

    /// How many bytes there were in all, 8 bytes, the most significant first; then those kept.
    var file: [UInt8] {
        (0..<Self.countBytes).map { UInt8(truncatingIfNeeded: total >> (56 - 8 * $0)) } + output.bytes
    }

    /// Nil for a file that is none, or without a byte.
    static func output(of file: [UInt8]) -> RunOutput? {
        guard file.count > countBytes else { return nil }
        let total = Int64(bitPattern: file.prefix(countBytes).reduce(0) { $0 << 8 | UInt64($1) })
        let kept = Array(file.dropFirst(countBytes).prefix(RunOutput.maximumBytes))
        return RunOutput(
            bytes: kept, total: max(total, Int64(kept.count)),
            cut: total > Int64(kept.count) ? min(RunOutput.maximumHead, kept.count) : nil)
    }
}
