/// What a proxy answers to CONNECT, read byte by byte as it comes: the head of an HTTP/1 response. What follows the head is the server's.
struct ProxyReply: Sendable {
    /// Of the head: real ones have some hundred bytes; past this it is no answer to a CONNECT.
    static let longestHead = 8 * 1024

    enum Outcome: Hashable, Sendable {
        case needsMore
        /// The tunnel is open; these bytes came through it already.
        case open(rest: [UInt8])
        /// The proxy says no: a status from 300 to 599 and its words, made printable.
        case refused(status: Int, phrase: String)
        /// Not HTTP.
        case strange
    }

    private var head: [UInt8] = []
    /// Of the line being read: an empty one ends the head.
    private var lineBytes = 0
    private var isOver = false

    mutating func received(_ bytes: some Sequence<UInt8>) -> Outcome {
        guard !isOver else { return .strange }
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            head.append(byte)
            if byte == UInt8(ascii: "\n") {
                if lineBytes == 0 { return ended(rest: Array(IteratorSequence(iterator))) }
                lineBytes = 0
            } else if byte != UInt8(ascii: "\r") {
                lineBytes += 1
            }
            guard head.count < Self.longestHead else {
                isOver = true
                return .strange
            }
        }
        return .needsMore
    }

    private mutating func ended(rest: [UInt8]) -> Outcome {
        isOver = true
        let line = head.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), let status = Self.status(words[1]) else { return .strange }
        if (200...299).contains(status) { return .open(rest: rest) }
        return .refused(status: status, phrase: words.count > 2 ? Self.printable(words[2]) : "")
    }

    /// Nil for one that ends no CONNECT.
    private static func status(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.count == 3, let status = Int(String(decoding: digits, as: UTF8.self)), (200...599).contains(status) else {
            return nil
        }
        return status
    }

    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix(100).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
