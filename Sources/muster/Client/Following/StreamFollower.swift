import FoundationEssentials
import MusterAPI
import NIOCore

/// Follows a stream of Server-Sent Events through lost connections.
struct StreamFollower {
    /// Between two tries at most; a server that comes back is noticed within this.
    private static let longestWait = Duration.seconds(30)

    let configuration: ClientConfiguration
    let request: APIRequest
    /// The last position seen, where the stream has positions: each new connection goes on after it.
    var position: Int64?

    /// Runs until a refusal that another try would not mend, an error of `handle`, or cancellation.
    mutating func run(_ handle: (EventStreamParser.Event) throws -> Void) async throws {
        var absence = ServerAbsence(longestWait: Self.longestWait)
        while true {
            let failure: CommandError?
            do { failure = try await followOnce(&absence, handle) } catch let error as CommandError { failure = error }
            switch failure.map({ absence.failed($0) }) ?? absence.ended() {
            case .giveUp: if let failure { throw failure }
            case .tryAgain(let wait, let saying):
                if let saying { Console.remark(saying) }
                try await Task.sleep(for: wait * Double.random(in: 0.5...1))
            }
        }
    }

    /// One connection; returns why it was refused, nil when the server ended it.
    private mutating func followOnce(
        _ absence: inout ServerAbsence, _ handle: (EventStreamParser.Event) throws -> Void
    ) async throws -> CommandError? {
        let server = configuration.server
        var request = request
        if let position { request.headers.append(("Last-Event-ID", String(position))) }
        var parser = EventStreamParser()
        let hasPositions = position != nil
        var last = position
        defer { position = last }
        let answer = try await APIConnection.with(configuration) { connection in
            try await connection.stream(request) { chunk in
                if let saying = absence.answered() { Console.remark(saying) }
                for event in try parser.received(chunk.readableBytesView) {
                    try handle(event)
                    if hasPositions, let position = event.id.flatMap({ Int64($0) }) { last = position }
                }
                // A heartbeat moves the position on too, past events that do not fit the filter.
                if hasPositions, let position = parser.lastID.flatMap({ Int64($0) }) { last = max(last ?? position, position) }
            }
        }
        return answer.map { APIClient.refusal($0, to: request, server: server) }
    }
}

extension EventStreamParser.Event {
    /// What the event carries.
    func value<Value: Decodable>(of server: APIAddress, as type: Value.Type = Value.self) throws(CommandError) -> Value {
        do { return try APICoding.decode(type, from: Data(data.utf8)) } catch {
            throw .notMuster(server, "it sent an event that is not understood")
        }
    }
}
