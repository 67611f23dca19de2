import FoundationEssentials
import MusterAPI
import NIOCore

/// Follows events as they are stored, through lost connections: each new one resumes after the last position seen.
struct EventFollower {
    let configuration: ClientConfiguration
    let query: [(name: String, value: String)]
    /// The last position seen; the stream goes on after it.
    var position: Int64

    /// First wait after a lost connection; doubles up to `longestWait`.
    private static let firstWait = Duration.seconds(1)
    private static let longestWait = Duration.seconds(30)

    /// Runs until a refusal that another try would not mend, an error of `handle`, or cancellation.
    mutating func run(handle: (EventEntry) throws -> Void, lost: (CommandError, Duration) -> Void) async throws {
        var wait = Self.firstWait
        while true {
            let before = position
            var failure: CommandError
            do { failure = try await followOnce(handle) } catch let error as CommandError { failure = error }
            guard Self.mayPass(failure) else { throw failure }
            if position != before { wait = Self.firstWait }
            lost(failure, wait)
            try await Task.sleep(for: wait * Double.random(in: 0.5...1))
            wait = min(wait * 2, Self.longestWait)
        }
    }

    /// One connection; returns why it ended.
    private mutating func followOnce(_ handle: (EventEntry) throws -> Void) async throws -> CommandError {
        let server = configuration.server
        var request = APIRequest.get(APIPath.eventsFollow, query: query)
        request.headers.append(("Last-Event-ID", String(position)))
        var parser = EventStreamParser()
        var last = position
        defer { position = last }
        let answer = try await APIConnection.with(configuration) { connection in
            try await connection.stream(request) { chunk in
                for event in try parser.received(chunk.readableBytesView) {
                    if event.type == "event" {
                        try handle(try APICoding.decode(EventEntry.self, from: Data(event.data.utf8)))
                    }
                    if let position = event.id.flatMap({ Int64($0) }) { last = position }
                }
                // A heartbeat moves the position on too, past events that do not fit the filter.
                if let position = parser.lastID.flatMap({ Int64($0) }) { last = max(last, position) }
            }
        }
        if let answer { return APIClient.refusal(answer, server: server) }
        return .disconnected(server, "the server closed the stream")
    }

    /// Lost connections and servers that are restarting or short of something pass; a wrong key, token or query does not.
    private static func mayPass(_ error: CommandError) -> Bool {
        switch error.code {
        case .unreachable, .disconnected: true
        case .refused: (error.problem?.status ?? 0) >= 500
        default: false
        }
    }
}
