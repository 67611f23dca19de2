import Glibc

/// Reads Debian's control format (dpkg's status, Python's METADATA) piece by piece: paragraphs of `Name: value` lines, parted by empty
/// lines. Only the fields asked for are kept; lines that continue a field are passed over.
///
/// Rules only, no file: bytes come in pieces of any length. It takes any bytes without an error; what a paragraph without a field means
/// is the caller's to say.
struct ControlParser {
    /// Of one line; what is longer is cut. dpkg's longest lines are dependencies of some KiB, and none of them is asked for.
    static let maximumLineBytes = 16 * 1024

    /// The values of the fields asked for, in their order; nil where the paragraph lacks one.
    typealias Paragraph = [String?]

    private let fields: [[UInt8]]
    private var current: Paragraph
    /// A line of any kind was seen since the last empty one.
    private var isInParagraph = false
    /// The beginning of a line whose end has not come.
    private var begun: [UInt8] = []
    private var finished: [Paragraph] = []

    /// - Parameter fields: as the file spells them.
    init(fields: [String]) {
        self.fields = fields.map { Array("\($0):".utf8) }
        current = Array(repeating: nil, count: fields.count)
    }

    mutating func bytesReceived(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while let start = rest.baseAddress, let end = memchr(start, 10, rest.count) {
            let length = start.distance(to: UnsafeRawPointer(end))
            lineEnded(UnsafeRawBufferPointer(rebasing: rest[..<length]))
            rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
        }
        begun.append(contentsOf: rest.prefix(max(0, Self.maximumLineBytes - begun.count)))
    }

    /// The file ends here, with or without the end of a line.
    mutating func endReceived() {
        if !begun.isEmpty { lineEnded(UnsafeRawBufferPointer(start: nil, count: 0)) }
        endParagraph()
    }

    /// The paragraphs that ended since the last call.
    mutating func takeParagraphs() -> [Paragraph] {
        defer { finished = [] }
        return finished
    }

    private mutating func lineEnded(_ rest: UnsafeRawBufferPointer) {
        if begun.isEmpty { return take(rest) }
        begun.append(contentsOf: rest.prefix(max(0, Self.maximumLineBytes - begun.count)))
        let line = begun
        begun = []
        line.withUnsafeBytes { take($0) }
    }

    private mutating func take(_ line: UnsafeRawBufferPointer) {
        let line = line.last == 13 ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
        guard let first = line.first else { return endParagraph() }
        isInParagraph = true
        guard first != 0x20, first != 0x09 else { return }
        for (index, field) in fields.enumerated() where line.count >= field.count && first == field[0] {
            guard line.prefix(field.count).elementsEqual(field) else { continue }
            let blank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
            var value = line.dropFirst(field.count).drop(while: blank)
            while let last = value.last, blank(last) { value.removeLast() }
            current[index] = String(decoding: value, as: UTF8.self)
        }
    }

    private mutating func endParagraph() {
        guard isInParagraph else { return }
        isInParagraph = false
        finished.append(current)
        current = Array(repeating: nil, count: fields.count)
    }
}
