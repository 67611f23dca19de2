/// Lines of what comes in pieces; what is no UTF-8 in them is replaced. One that is too long is cut.
struct LineCollector {
    /// APT's status lines have some 200.
    static let standardMaximum = 4096

    private let maximumBytes: Int
    private var line: [UInt8] = []

    init(maximumBytes: Int = standardMaximum) { self.maximumBytes = maximumBytes }

    mutating func add(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: line, as: UTF8.self))
                line.removeAll(keepingCapacity: true)
            } else if line.count < maximumBytes {
                line.append(byte)
            }
        }
        return lines
    }

    /// What came after the last line's end; nil: nothing.
    mutating func rest() -> String? {
        defer { line = [] }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}
