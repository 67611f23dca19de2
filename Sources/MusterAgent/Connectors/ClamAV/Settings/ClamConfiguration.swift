/// The text of `clamd.conf`, `freshclam.conf` or `clamonacc`'s part of them: lines `Directive value`, the rest of the line being the value.
/// A value: what it says, and the same text with some directives set anew. Everything else stays byte for byte, comments and line ends too.
struct ClamConfiguration: Hashable, Sendable {
    /// Debian's has 2 KiB; with every directive and a comment on each, 40.
    static let maximumBytes = 256 * 1024

    /// With their line ends.
    private var lines: [[UInt8]]

    init(_ bytes: [UInt8] = []) {
        lines = []
        var line: [UInt8] = []
        for byte in bytes {
            line.append(byte)
            if byte == UInt8(ascii: "\n") {
                lines.append(line)
                line = []
            }
        }
        if !line.isEmpty { lines.append(line) }
    }

    var bytes: [UInt8] { Array(lines.joined()) }

    /// All values of a directive that may stand there several times, in order.
    func values(_ name: String) -> [String] {
        lines.compactMap { line in
            guard let (directive, value) = Self.parts(line), directive == name else { return nil }
            return value
        }
    }

    /// What clamonacc is to watch.
    var onAccessFolders: [String] { values("OnAccessIncludePath") }

    /// The first one is in force. Nil: it does not stand there.
    func value(_ name: String) -> String? { values(name).first }

    /// As ClamAV reads it; nil: it does not stand there, or is neither.
    func isOn(_ name: String) -> Bool? {
        switch value(name)?.lowercased() {
        case "yes", "true", "1": true
        case "no", "false", "0": false
        default: nil
        }
    }

    /// Gives a directive these values, in the place of those it has; one that is not there comes at the end. Nothing changes where it has them.
    mutating func set(_ name: String, _ values: [String]) {
        guard self.values(name) != values else { return }
        let places = lines.indices.filter { Self.parts(lines[$0])?.name == name }
        let new = values.map { Array("\(name) \($0)\n".utf8) }
        let place = places.first ?? lines.endIndex
        for place in places.reversed() { lines.remove(at: place) }
        if place == lines.endIndex, let last = lines.last, last.last != UInt8(ascii: "\n") {
            lines[lines.endIndex - 1].append(UInt8(ascii: "\n"))
        }
        lines.insert(contentsOf: new, at: min(place, lines.endIndex))
    }

    /// Nil for a comment, an empty line, and what is no UTF-8.
    private static func parts(_ line: [UInt8]) -> (name: String, value: String)? {
        guard let text = String(validating: line, as: UTF8.self) else { return nil }
        let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard let name = words.first, name.first != "#", words.count == 2 else { return nil }
        var value = words[1].drop(while: \.isWhitespace)
        while value.last?.isWhitespace == true { value.removeLast() }
        if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        return value.isEmpty ? nil : (String(name), String(value))
    }
}
