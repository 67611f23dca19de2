import FoundationEssentials
package import MusterModel
import MusterWire

extension RunOutput {
    static let maximumPiece = 8 * 1024

    func pieces(of run: RunID) -> [Muster_V1_RunOutput] {
        var pieces: [Muster_V1_RunOutput] = []
        var rest = bytes.prefix(Self.maximumBytes)
        let size = rest.count
        while !rest.isEmpty {
            var piece = Muster_V1_RunOutput()
            piece.run = .init(run.bytes)
            piece.size = UInt32(size)
            piece.data = .init(rest.prefix(Self.maximumPiece))
            piece.total = UInt64(max(0, total))
            piece.cut = UInt32(clamping: cut ?? 0)
            pieces.append(piece)
            rest = rest.dropFirst(Self.maximumPiece)
        }
        return pieces
    }
}

/// The output of a run as it comes, piece by piece.
package struct IncomingOutput: Hashable, Sendable {
    package let run: RunID
    package private(set) var output: RunOutput
    private let size: Int

    /// - Throws: `malformedFrame` for one that is too long, or without a run.
    init(_ first: Muster_V1_RunOutput) throws(WireError) {
        guard let run = RunID(bytes: Array(first.run)), (1...UInt32(RunOutput.maximumBytes)).contains(first.size) else {
            throw .malformedFrame("an output of \(first.size) bytes; 1 to \(RunOutput.maximumBytes) are allowed")
        }
        self.run = run
        size = Int(first.size)
        let cut = Int(first.cut)
        output = RunOutput(bytes: [], total: Int64(clamping: first.total), cut: (1...size).contains(cut) ? cut : nil)
        try received(first)
    }

    mutating func received(_ piece: Muster_V1_RunOutput) throws(WireError) {
        guard Array(piece.run) == run.bytes, (1...RunOutput.maximumPiece).contains(piece.data.count),
            output.bytes.count + piece.data.count <= size
        else { throw .malformedFrame("a piece of an output that does not fit it") }
        output.bytes += piece.data
    }

    /// What it takes in memory.
    package var memory: Int { size }
    var isComplete: Bool { output.bytes.count == size }
}
