import HTTPTypes
import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore

/// `events` and `events/follow`.
struct EventRoutes: Sendable {
    let services: APIServices

    /// Forward from the beginning or a cursor; with `from=newest` the last so many, or the last so many before a position. Either way in
    /// order of position. The cursor is the last position given.
    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let filter = try EventFilter(call.query)
        let limit = try call.query.limit()
        let after = try call.query.position("cursor")
        let before = try call.query.position("before")
        if let from = call.query["from"] {
            guard from == "newest" else { throw Problem.parameter("from", "It takes one value only.", allowed: "newest") }
            guard after == nil else { throw Problem.parameter("cursor", "It does not go with 'from'.") }
            return try await newest(filter, before: before, limit: limit)
        }
        guard before == nil else { throw Problem.parameter("before", "It goes with 'from=newest' only.") }
        let events = try await services.store.fetchEvents(
            device: filter.device, severity: filter.severity, since: filter.since, afterPosition: after ?? 0, limit: limit)
        let next = events.count == limit ? events.last.map { String($0.position) } : nil
        return try .ok(Page(items: try await services.entries(events), next: next))
    }

    private func newest(_ filter: EventFilter, before: Int64?, limit: Int) async throws -> APIReply {
        let events = try await services.store.fetchLastEvents(
            device: filter.device, severity: filter.severity, since: filter.since, beforePosition: before, limit: limit)
        return try .ok(Page(items: try await services.entries(events), next: nil))
    }

    /// From `Last-Event-ID`, else `after`, else from now on.
    @Sendable func follow(_ call: APICall) async throws -> APIReply {
        let filter = try EventFilter(call.query)
        let start = try await start(call)
        let authenticator = services.authenticator
        let headers = call.request.headers
        let follower = EventFollower(services: services, filter: filter, channel: call.channel) {
            _ = try await authenticator.principal(headers)
        }
        let seats = services.followers
        guard seats.take() else { throw Problem.tooManyFollowers(seats.maximum) }
        return .stream { writer in
            defer { seats.leave() }
            try await call.request.body.consumeWithInboundCloseHandler { _ in
                try await follower.run(from: start, &writer)
            } onInboundClosed: {
                follower.readerLeft()
            }
        }
    }

    private func start(_ call: APICall) async throws -> Int64 {
        if let name = HTTPField.Name("Last-Event-ID"), let text = call.request.headers[name] {
            guard let position = Int64(text), position >= 0 else {
                throw Problem.header("Last-Event-ID", "a position is expected")
            }
            return position
        }
        if let after = try call.query.position("after") { return after }
        return try await services.store.fetchLastEventPosition()
    }
}

extension APIServices {
    /// With the names of their devices.
    func entries(_ events: [EventRecord]) async throws -> [EventEntry] {
        let names = try await store.fetchDeviceNames(of: Array(Set(events.compactMap(\.device))))
        return events.map { event in EventEntry(event, deviceName: event.device.flatMap { names[$0] }) }
    }
}
