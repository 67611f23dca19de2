import FoundationEssentials
import Hummingbird
import HummingbirdCore
import MusterAPI
import MusterModel
import MusterSession
import MusterStore
import NIOCore
import ServiceLifecycle

/// One reader that watches a device as Server-Sent Events: what is known of it, again with each change. It is looked at twice
/// a second: a few small reads of the database for each watcher, of which there are as many as followers at most.
struct DeviceWatcher: Sendable {
    private static let period = Duration.milliseconds(500)
    /// Looks without a change until a line is written all the same, to notice a reader that has gone.
    private static let quiet = 20

    let services: APIServices
    let device: DeviceID
    let channel: any Channel
    /// Throws when who asked may not go on (revoked, expired).
    let stillAllowed: @Sendable () async throws -> Void

    @concurrent
    func run(_ writer: inout any ResponseBodyWriter) async throws {
        let beat = FollowerBeat()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await closeWhenStuck(beat) }
            defer { group.cancelAll() }
            try await serve(beat, &writer)
        }
        try await writer.finish(nil)
    }

    @concurrent
    private func serve(_ beat: FollowerBeat, _ writer: inout any ResponseBodyWriter) async throws {
        try await write("retry: 1000\n: muster device\n\n", beat, &writer)
        var said: LiveDevice?
        var looks = 0
        while !Task.isShuttingDownGracefully {
            guard let now = try await look() else { break }
            if now != said {
                let json = String(decoding: try APICoding.encode(now), as: UTF8.self)
                try await write("event: device\ndata: \(json)\n\n", beat, &writer)
                (said, looks) = (now, 0)
            } else if looks >= Self.quiet {
                try await stillAllowed()
                try await write(": heartbeat\n\n", beat, &writer)
                looks = 0
            }
            looks += 1
            try await Task.sleep(for: Self.period)
        }
    }

    @concurrent
    private func write(_ text: String, _ beat: FollowerBeat, _ writer: inout any ResponseBodyWriter) async throws {
        beat.writeBegan()
        try await writer.write(ByteBuffer(string: text))
        beat.writeEnded()
    }

    /// A reader that takes nothing holds its place no longer than one that follows events.
    private func closeWhenStuck(_ beat: FollowerBeat) async {
        while (try? await Task.sleep(for: services.followerTimeout)) != nil {
            if beat.isStuck(for: services.followerTimeout) { return channel.close(promise: nil) }
        }
    }

    /// Nil when the device was deleted.
    private func look() async throws -> LiveDevice? {
        guard let record = try await services.store.fetchDevice(device) else { return nil }
        guard let entry = try await services.entries([record]).first,
            let applications = try await services.applications(of: device)
        else { return nil }
        let statistics = services.backend.statistics(of: device).map {
            StatisticsEntry(collected: $0.collected, applications: $0.applications)
        }
        return LiveDevice(device: entry, statistics: statistics, applications: applications)
    }
}
