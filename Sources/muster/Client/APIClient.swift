import FoundationEssentials
import MusterAPI
import NIOHTTP1

/// The API in terms of its values: sends, decodes, turns problems into errors, pages.
struct APIClient {
    var connection: APIConnection

    var server: APIAddress { connection.configuration.server }

    /// Connects, runs `body`, closes.
    static func with<Result: Sendable>(
        _ configuration: ClientConfiguration, _ body: (inout APIClient) async throws -> Result
    ) async throws -> Result {
        try await APIConnection.with(configuration) { connection in
            var client = APIClient(connection: connection)
            defer { connection = client.connection }
            return try await body(&client)
        }
    }

    mutating func get<Value: Decodable>(
        _ path: String, query: [(name: String, value: String)] = [], as type: Value.Type = Value.self
    ) async throws -> Value {
        try await call(.get(path, query: query))
    }

    /// A request whose answer is a value.
    mutating func call<Value: Decodable>(_ request: APIRequest, as type: Value.Type = Value.self) async throws -> Value {
        let response = try await succeeded(request)
        do { return try APICoding.decode(type, from: response.body) } catch {
            throw CommandError.notMuster(server, "its answer is not understood (\(Self.brief(error)))")
        }
    }

    /// A request that is answered with nothing.
    mutating func perform(_ request: APIRequest) async throws { _ = try await succeeded(request) }

    private mutating func succeeded(_ request: APIRequest) async throws -> APIResponse {
        let response = try await connection.send(request)
        guard (200..<300).contains(response.status) else {
            throw Self.refusal(response, to: request, server: server)
        }
        return response
    }

    /// The problem in an answer that is not a success.
    static func refusal(_ response: APIResponse, to request: APIRequest, server: APIAddress) -> CommandError {
        guard let problem = try? APICoding.decode(Problem.self, from: response.body) else {
            return .notMuster(server, "status \(response.status) without a reason")
        }
        return .refused(server, problem, at: request.path)
    }

    private static func brief(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath.last.map { "'\($0.stringValue)' is of another kind" } ?? "it is no JSON"
        default: "it is no JSON"
        }
    }

    static func body(_ value: some Encodable) throws -> Data { try APICoding.encode(value) }

    /// Hands on page after page until the list or `limit` ends. Returns the last cursor.
    mutating func forEachPage<Item: Codable & Sendable>(
        _ path: String, query: [(name: String, value: String)] = [], limit: Int?, of type: Item.Type = Item.self,
        _ page: ([Item]) async throws -> Void
    ) async throws {
        var left = limit ?? Int.max
        var cursor: String?
        while left > 0 {
            var query = query
            query.append(("limit", String(min(left, PageLimit.allowed.upperBound))))
            if let cursor { query.append(("cursor", cursor)) }
            let answer = try await get(path, query: query, as: Page<Item>.self)
            let items = answer.items.prefix(left)
            left -= items.count
            if !items.isEmpty { try await page(Array(items)) }
            guard let next = answer.next, next != cursor else { return }
            cursor = next
        }
    }
}
