import MusterModel

/// The text of `services.conf`: lines `key = value`, and comments after `#`. A value: what it says, and the same text with some keys set anew.
struct ServicesFile: Hashable, Sendable {
    /// 64 units of 255 bytes, and comments.
    static let maximumBytes = 64 * 1024

    private static let head = """
        # What the Muster agent watches on this device. A policy of the server may set these keys; others stay as they are.
        # watched = ssh.service cron.service
        # period = 15s

        """

    private struct Line: Hashable, Sendable {
        var text: String
        /// Nil for a comment or an empty line.
        var key: String?
        var value = ""
        /// With the spaces before it.
        var comment = ""
    }

    private var lines: [Line]

    /// A file that is not there.
    init() {
        lines = Self.head.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { Line(text: String($0)) }
    }

    /// - Throws: for what is no setting; what it says goes on after the file's name.
    init(_ bytes: [UInt8]) throws(ServicesFileFault) {
        var lines: [Line] = []
        var texts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if texts.last?.isEmpty == true { texts.removeLast() }
        for (number, text) in texts.enumerated() {
            guard let text = String(validating: text, as: UTF8.self) else {
                throw ServicesFileFault("line \(number + 1) is not UTF-8 text")
            }
            let line = Self.line(text)
            guard let line else { throw ServicesFileFault("line \(number + 1) is no 'key = value'") }
            if let key = line.key {
                guard ApplicationManifest.services[key] != nil else {
                    let keys = ApplicationManifest.services.settings.map(\.key).joined(separator: ", ")
                    throw ServicesFileFault("line \(number + 1) sets '\(key.prefix(40))', and there are \(keys)")
                }
                guard !lines.contains(where: { $0.key == key }) else {
                    throw ServicesFileFault("line \(number + 1) sets '\(key)' once more")
                }
                _ = try Self.value(line, number: number + 1)
            }
            lines.append(line)
        }
        self.lines = lines
    }

    /// Nil for what is none.
    private static func line(_ text: String) -> Line? {
        let content = text.prefix { $0 != "#" }
        if content.allSatisfy(\.isWhitespace) { return Line(text: text) }
        guard let sign = content.firstIndex(of: "=") else { return nil }
        let key = content[..<sign].filter { !$0.isWhitespace }
        let value = content[content.index(after: sign)...].split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let spaces = content.reversed().prefix(while: \.isWhitespace).count
        return Line(text: text, key: key, value: value, comment: String(content.suffix(spaces) + text.dropFirst(content.count)))
    }

    private static func value(_ line: Line, number: Int) throws(ServicesFileFault) -> ManagedValue {
        let key = line.key ?? ""
        guard let type = ApplicationManifest.services[key]?.type else { throw ServicesFileFault("line \(number) is no setting") }
        // Units stand apart by spaces, as in systemd's own files.
        let text = if case .list = type { line.value.split(separator: " ").joined(separator: ",") } else { line.value }
        guard let value = type.value(of: text) else {
            throw ServicesFileFault("line \(number): '\(line.value.prefix(80))' is not allowed for '\(key)' (\(type.allowed))")
        }
        return value
    }

    /// Of keys that stand in it.
    var values: [String: ManagedValue] {
        var values: [String: ManagedValue] = [:]
        for line in lines { if let key = line.key { values[key] = try? Self.value(line, number: 0) } }
        return values
    }

    /// Keys that are there keep their place and their comment; others come at the end.
    mutating func set(_ values: [String: ManagedValue]) {
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            let text = Self.text(value)
            let place = lines.firstIndex { $0.key == key }
            let comment = place.map { lines[$0].comment } ?? ""
            let line = Line(text: "\(key) = \(text)\(comment)", key: key, value: text, comment: comment)
            if let place { lines[place] = line } else { lines.append(line) }
        }
    }

    private static func text(_ value: ManagedValue) -> String {
        if case .list(let texts) = value { texts.joined(separator: " ") } else { value.description }
    }

    var text: String { lines.map { $0.text + "\n" }.joined() }
}

/// Why a text is no `services.conf`.
struct ServicesFileFault: Error, Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }
}
