import Logging
import MusterModel
import MusterStore
import ServiceLifecycle

/// Deletes what is kept no longer, a few rows at a time beside normal work: events and connections past their age or number,
/// applications that are on no device any more, revisions of deleted policies.
struct Retention: Service {
    /// Between two looks; and between two steps of one, so that other writers go first: at most 10,000 rows a second go.
    private static let period = Duration.minutes(5)
    private static let pause = Duration.milliseconds(50)
    /// How long actions that are over are kept.
    private static let actionAge = Duration.days(30)
    /// How long the revisions of deleted policies are: as events are unless told otherwise.
    private static let revisionAge = Duration.days(90)

    /// How long runs of tasks and their outputs are; of each task on each device the newest 100 at most.
    private static let runAge = Duration.days(90)

    /// Devices looked through in one transaction.
    private static let devicesAtOnce = 100

    let store: Store
    let history: ConnectionLog
    let policy: RetentionPolicy
    let logger: Logger
    let now: @Sendable () -> Timestamp

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { await tidy() } while (try? await Task.sleep(for: Self.period)) != nil
        }
    }

    /// What cannot be deleted now (the database is away) is deleted at the next look.
    func tidy() async {
        do {
            var events = try await all { try await store.deleteOldEvents(receivedBefore: now() - policy.age) }
            events += try await all { try await store.deleteOldestEvents(keeping: Int64(policy.events)) }
            if events > 0 { _ = try await store.deleteUnusedFormerPlaces() }
            let orders = try await all { try await store.deleteActions(before: now() - Self.actionAge, limit: 20) }
            let items = try await all { try await store.deleteUnusedInstalledItems() }
            let connections = try await tidyConnections()
            let revisions = try await all { try await store.deleteOldPolicyRevisions(before: now() - Self.revisionAge) }
            let runs = try await all { try await store.deleteOldRuns(before: now() - Self.runAge) }
            _ = try await all { try await store.deleteOldTaskRevisions(before: now() - Self.runAge) }
            guard events + items + connections + orders + revisions + runs > 0 else { return }
            logger.info(
                "retention.deleted",
                metadata: [
                    "events": "\(events)", "installed.items": "\(items)", "connections": "\(connections)",
                    "actions": "\(orders)", "policy.revisions": "\(revisions)", "runs": "\(runs)",
                ])
        } catch {
            logger.warning("retention.failed", metadata: ["error": "\(error)"])
        }
    }

    /// Only devices whose history grew can have too much of it.
    private func tidyConnections() async throws -> Int {
        var deleted = try await all { try await store.deleteOldConnections(closedBefore: now() - policy.connectionAge) }
        var devices = history.takeGrown()[...]
        while !devices.isEmpty, !Task.isCancelled {
            deleted += try await store.deleteSurplusConnections(
                of: Array(devices.prefix(Self.devicesAtOnce)), keeping: policy.connections)
            devices = devices.dropFirst(Self.devicesAtOnce)
            try? await Task.sleep(for: Self.pause)
        }
        return deleted
    }

    private func all(_ step: () async throws -> Int) async throws -> Int {
        var deleted = 0
        while !Task.isCancelled {
            let count = try await step()
            if count == 0 { break }
            deleted += count
            try? await Task.sleep(for: Self.pause)
        }
        return deleted
    }
}
