import Logging
import MusterModel
import MusterStore
import ServiceLifecycle

/// Deletes what is kept no longer, a few rows at a time beside normal work: events past their age or number, applications that are on no
/// device any more.
struct Retention: Service {
    /// Between two looks; and between two steps of one, so that other writers go first: at most 10,000 rows a second go.
    private static let period = Duration.minutes(5)
    private static let pause = Duration.milliseconds(50)

    let store: Store
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
            let items = try await all { try await store.deleteUnusedInstalledItems() }
            guard events + items > 0 else { return }
            logger.info("retention.deleted", metadata: ["events": "\(events)", "installed.items": "\(items)"])
        } catch {
            logger.warning("retention.failed", metadata: ["error": "\(error)"])
        }
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
