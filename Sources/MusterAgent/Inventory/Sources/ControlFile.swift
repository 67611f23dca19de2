import Glibc

/// A file in Debian's control format, read in pieces of 64 KiB: dpkg's status of 3,000 packages is 4 MB, and the agent's memory is counted.
struct ControlFile {
    let path: String
    let fields: [String]

    private static let pieceBytes = 64 * 1024

    /// What could not be read, as `errno` says it.
    struct Failure: Error {
        let number: Int32
    }

    /// All paragraphs, or the first ones.
    /// - Parameter limit: reading ends once there are as many.
    func paragraphs(limit: Int = .max) throws(Failure) -> [ControlParser.Paragraph] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        defer { close(descriptor) }
        var parser = ControlParser(fields: fields)
        var paragraphs: [ControlParser.Paragraph] = []
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        while paragraphs.count < limit {
            let count = SystemCall.retrying { read(descriptor, &piece, piece.count) }
            guard count >= 0 else { throw Failure(number: errno) }
            if count == 0 {
                parser.endReceived()
                paragraphs += parser.takeParagraphs()
                break
            }
            piece.withUnsafeBytes { parser.bytesReceived(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            paragraphs += parser.takeParagraphs()
        }
        return paragraphs.count > limit ? Array(paragraphs.prefix(limit)) : paragraphs
    }
}
