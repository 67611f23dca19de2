import FoundationEssentials
import Hummingbird
import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore
import NIOCore
import ServiceLifecycle

/// One reader that follows events as Server-Sent Events. It holds no queue: what is new is read from the store by position, a page at a
/// time, when something was committed and the reader took what it had. A reader that takes nothing for too long is closed
/// and resumes by position.
struct EventFollower: Sendable {
    let services: APIServices
    let filter: EventFilter
    let channel: any Channel
    /// Throws when who asked may not go on (revoked, expired).
    let stillAllowed: @Sendable () async throws -> Void
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(
        services: APIServices, filter: EventFilter, channel: any Channel,
        stillAllowed: @escaping @Sendable () async throws -> Void
    ) {
        self.services = services
        self.filter = filter
        self.channel = channel
        self.stillAllowed = stillAllowed
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// The reader closed its side: nothing more is to be said.
    func readerLeft() {
        wake.finish()
        channel.close(promise: nil)
    }

    private static let pageSize = 200

    @concurrent
    func run(from start: Int64, _ writer: inout any ResponseBodyWriter) async throws {
        let beat = FollowerBeat()
        let stored = services.backend.eventsStored()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await position in stored {
                    beat.heard(of: position)
                    wake.yield()
                }
                wake.finish()
            }
            group.addTask { await heartbeats(beat) }
            group.addTask {
                try? await gracefulShutdown()
                wake.finish()
            }
            defer { group.cancelAll() }
            try await serve(from: start, beat, &writer)
        }
        try await writer.finish(nil)
    }

    @concurrent
    private func serve(
        from start: Int64, _ beat: FollowerBeat, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var position = start
        try await write("retry: 1000\n: muster events\n\n", beat, &writer)
        position = try await catchUp(position, beat, &writer)
        for await _ in wakes {
            position = try await catchUp(position, beat, &writer)
            guard beat.takeDue() else { continue }
            try await stillAllowed()
            // The id goes on even when no event fits the filter, so that a reader that comes back skips what was looked through.
            try await write("id: \(position)\n: heartbeat\n\n", beat, &writer)
        }
    }

    /// Writes everything after `position`; returns the position up to which all was looked at.
    @concurrent
    private func catchUp(
        _ position: Int64, _ beat: FollowerBeat, _ writer: inout any ResponseBodyWriter
    ) async throws -> Int64 {
        var position = position
        while true {
            let committed = beat.committed
            let events = try await services.store.fetchEvents(
                device: filter.device, severity: filter.severity, since: filter.since, afterPosition: position,
                limit: Self.pageSize)
            var text = ""
            for event in try await services.entries(events) {
                let json = String(decoding: try APICoding.encode(event), as: UTF8.self)
                text += "id: \(event.position)\nevent: event\ndata: \(json)\n\n"
                position = max(position, event.position)
            }
            if !text.isEmpty { try await write(text, beat, &writer) }
            if events.count < Self.pageSize { return max(position, committed) }
        }
    }

    @concurrent
    private func write(_ text: String, _ beat: FollowerBeat, _ writer: inout any ResponseBodyWriter) async throws {
        beat.writeBegan()
        try await writer.write(ByteBuffer(string: text))
        beat.writeEnded()
    }

    private func heartbeats(_ beat: FollowerBeat) async {
        let step = min(services.heartbeat, services.followerTimeout)
        while (try? await Task.sleep(for: step)) != nil {
            guard !beat.isStuck(for: services.followerTimeout) else { return channel.close(promise: nil) }
            wake.yield()
        }
    }
}
