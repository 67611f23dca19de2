/// A line of a log of clamd or clamonacc that says what was found in what: `[TIME -> ]WHAT: SIGNATURE[(DETAILS)] FOUND`.
///
/// Who names a file decides what stands there: names are bytes, may have line ends in them, and look like anything.
struct Detection: Hashable, Sendable {
    /// Where it was found.
    enum Place: Hashable, Sendable {
        /// From the root, as the bytes it has.
        case file([UInt8])
        /// Contents that somebody sent, as a mail server does: `instream(local)`; or an open file: `fd[10]`.
        case contents(String)
    }

    /// Longer ones no file system takes.
    static let longestPath = 4096
    private static let longestSignature = 200

    let place: Place
    let signature: String

    init(file: [UInt8], signature: String) {
        place = .file(file)
        self.signature = signature
    }

    /// Nil for a line that says something else.
    init?(_ line: some Collection<UInt8>) {
        var rest = Array(line.drop { $0 == UInt8(ascii: " ") })[...]
        if let time = Self.time(in: rest) { rest = rest.dropFirst(time) }
        guard rest.hasSuffix(" FOUND") else { return nil }
        rest = rest.dropLast(" FOUND".utf8.count)
        guard let colon = rest.lastIndex(of: ": "), let place = Self.place(rest[..<colon]) else { return nil }
        let name = rest[(colon + 2)...].prefix { $0 != UInt8(ascii: "(") }
        guard !name.isEmpty else { return nil }
        self.place = place
        signature = HostileText.shown(name, limit: Self.longestSignature)
    }

    private static func place(_ bytes: ArraySlice<UInt8>) -> Place? {
        if bytes.first == UInt8(ascii: "/") { return bytes.count <= longestPath ? .file(Array(bytes)) : nil }
        let forms = ["instream(", "stream(", "fd["]
        guard bytes.count <= 100, forms.contains(where: { bytes.starts(with: $0.utf8) }) else { return nil }
        return .contents(HostileText.shown(bytes, limit: 100))
    }

    /// The length of `Wed Nov 25 22:27:59 2026 -> ` at its beginning; nil without.
    static func time(in line: some Collection<UInt8>) -> Int? {
        let form = Array("Www Mmm dd hh:mm:ss yyyy -> ".utf8)
        let marks = Set(" :->".utf8)
        var count = 0
        for byte in line.prefix(form.count) {
            // The first ten days of a month are written with a blank.
            if marks.contains(form[count]) { if byte != form[count] { return nil } }
            count += 1
        }
        return count == form.count ? count : nil
    }

    /// All of a piece of a log. Where lines begin with a time, one that does not goes on with the name of a file in the one before.
    static func all(in text: some Collection<UInt8>) -> [Detection] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var records: [[UInt8]] = []
        var hasTimes = false
        for line in lines {
            let begins = time(in: line) != nil
            if hasTimes, !begins, let last = records.indices.last, records[last].count < 2 * longestPath {
                records[last] += [UInt8(ascii: "\n")] + line
            } else {
                records.append(Array(line))
            }
            hasTimes = hasTimes || begins
        }
        return records.compactMap { Detection($0) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }

    /// Where two bytes stand last.
    fileprivate func lastIndex(of text: StaticString) -> Int? {
        guard text.utf8CodeUnitCount == 2, count >= 2 else { return nil }
        let (first, second) = (text.utf8Start[0], text.utf8Start[1])
        return indices.dropLast().last { self[$0] == first && self[$0 + 1] == second }
    }
}

/// Bytes that somebody else chose, as a text that can be shown in one line.
enum HostileText {
    /// What is no UTF-8 is replaced, what controls a terminal or ends a line is written as its number: `\u{a}`.
    static func shown(_ bytes: some Collection<UInt8>, limit: Int) -> String {
        var text = ""
        for scalar in String(decoding: bytes.prefix(4 * limit), as: UTF8.self).unicodeScalars {
            let piece =
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                    "\\u{\(String(scalar.value, radix: 16))}"
                default: String(scalar)
                }
            guard text.utf8.count + piece.utf8.count <= limit else { return text + "…" }
            text += piece
        }
        return text
    }
}
