/// Server-Sent Events as a value: bytes in, events out (WHATWG HTML §9.2, the part this API uses: `id`, `event`, `data`, comments).
struct EventStreamParser: Sendable {
    struct Event: Equatable, Sendable {
        /// As last seen in the stream: an `id` field stays in force.
        var id: String?
        var type: String
        var data: String
    }

    struct LineTooLong: Error {}

    /// An event is at most 8 KiB on the wire; escaped as JSON at most six times that.
    static let maximumLine = 256 * 1024

    private(set) var lastID: String?
    private var line: [UInt8] = []
    private var data: [String] = []
    private var type = "message"
    private var afterCarriageReturn = false

    /// The events completed by these bytes.
    mutating func received(_ bytes: some Sequence<UInt8>) throws(LineTooLong) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            let followsCarriageReturn = afterCarriageReturn
            afterCarriageReturn = byte == 13
            if byte == 10 && followsCarriageReturn { continue }
            if byte == 10 || byte == 13 {
                if let event = lineEnded() { events.append(event) }
            } else {
                guard line.count < Self.maximumLine else { throw LineTooLong() }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func lineEnded() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return dispatch() }
        let text = String(decoding: line, as: UTF8.self)
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        var value = colon == text.endIndex ? "" : text[text.index(after: colon)...]
        if value.hasPrefix(" ") { value = value.dropFirst() }
        switch text[..<colon] {
        case "id": lastID = String(value)
        case "event": type = String(value)
        case "data": data.append(String(value))
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer {
            data.removeAll()
            type = "message"
        }
        guard !data.isEmpty else { return nil }
        return Event(id: lastID, type: type, data: data.joined(separator: "\n"))
    }
}
