import MusterAPI

/// A page of a list: one record more than fits is fetched, and tells whether another page follows.
struct ListPage<Record: Sendable>: Sendable {
    /// At most `limit`.
    let records: [Record]
    let next: String?

    /// - Parameters:
    ///   - cursor: where the list goes on after a record.
    ///   - fetch: gives at most so many records.
    init<Cursor: LosslessStringConvertible>(
        _ query: QueryParameters, cursor: (Record) -> Cursor, fetch: (_ after: Cursor?, _ limit: Int) async throws -> [Record]
    ) async throws {
        let limit = try query.limit()
        let after = try query.value("cursor", as: Cursor.self, expected: "a cursor of this list")
        let found = try await fetch(after, limit + 1)
        records = Array(found.prefix(limit))
        next = found.count > limit ? records.last.map { cursor($0).description } : nil
    }

    /// Of a list that is in memory, in its order.
    init<Cursor: LosslessStringConvertible & Equatable>(
        _ query: QueryParameters, all: [Record], cursor: (Record) -> Cursor
    ) throws(Problem) {
        let limit = try query.limit()
        let after = try query.value("cursor", as: Cursor.self, expected: "a cursor of this list")
        let begin = after.flatMap { after in all.firstIndex { cursor($0) == after } }.map { $0 + 1 } ?? 0
        records = Array(all.dropFirst(begin).prefix(limit))
        next = all.count > begin + limit ? records.last.map { cursor($0).description } : nil
    }

    func reply<Entry: Codable & Sendable>(_ entries: [Entry]) throws -> APIReply {
        try .ok(Page(items: entries, next: next))
    }

    func reply<Entry: Codable & Sendable>(_ entry: (Record) -> Entry) throws -> APIReply { try reply(records.map(entry)) }
}
