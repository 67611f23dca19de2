import MusterAPI
import MusterModel

/// The events already stored that a list begins with: the newest so many, or all since a time.
struct EventHistory {
    static let standardCount = 100
    static let standardCountFollowing = 10

    let filter: [(name: String, value: String)]
    let since: Bool
    let limit: Int?
    let following: Bool

    /// Prints them in order of position and returns the last one's, or 0.
    func print(_ configuration: ClientConfiguration, _ printer: inout EventPrinter) async throws -> Int64 {
        var last: Int64 = 0
        try await APIClient.with(configuration) { client in
            let count = limit ?? (following ? Self.standardCountFollowing : Self.standardCount)
            if since && limit == nil {
                try await client.forEachPage(APIPath.events, query: filter, limit: nil, of: EventEntry.self) { events in
                    try printer.print(events)
                    last = events.last?.position ?? last
                }
            } else {
                for page in try await newest(count, &client).reversed() {
                    try printer.print(page)
                    last = page.last?.position ?? last
                }
            }
        }
        return last
    }

    /// Pages from the newest back, each in order of position.
    private func newest(_ count: Int, _ client: inout APIClient) async throws -> [[EventEntry]] {
        var pages: [[EventEntry]] = []
        var left = count
        var before: Int64?
        while left > 0 {
            let size = min(left, PageLimit.allowed.upperBound)
            var query = filter + [("from", "newest"), ("limit", String(size))]
            if let before { query.append(("before", String(before))) }
            let page = try await client.get(APIPath.events, query: query, as: Page<EventEntry>.self).items
            guard let first = page.first else { break }
            pages.append(page)
            left -= page.count
            before = first.position
            if page.count < size { break }
        }
        return pages
    }
}

/// Prints events: as a list, or while following one object a line.
struct EventPrinter {
    private let format: OutputFormat
    private let following: Bool
    private var list: ListPrinter<EventEntry>

    init(_ format: OutputFormat, following: Bool) {
        self.format = format
        self.following = following
        list = ListPrinter(format, empty: "No event is stored that fits.")
    }

    mutating func print(_ events: [EventEntry]) throws {
        guard following && format == .json else { return try list.print(events) }
        for event in events { try Console.line(try ListPrinter<EventEntry>.json(event)) }
    }

    func finish() throws { try list.finish() }
}
