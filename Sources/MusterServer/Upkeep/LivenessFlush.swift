import Logging
import MusterModel
import MusterStore
import ServiceLifecycle
import Synchronization

/// Writes the liveness of everyone seen to the database, every 10 s in one transaction, and once more at the end. After a crash at most
/// 10 s of last connections are older than they were; nothing else depends on them.
struct LivenessFlush: Service {
    static let period = Duration.seconds(10)

    let directory: DeviceDirectory
    let store: Store
    let memory: MemoryTrim
    let logger: Logger
    let now: @Sendable () -> Timestamp

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.period)) != nil {
                await flush()
                memory.trimIfWorthwhile()
            }
        }
        await flush()
    }

    private func flush() async {
        let rows = directory.takeDirty()
        do {
            try await store.flushLiveness(rows, now: now())
        } catch {
            directory.putBack(rows.map(\.device))
            logger.warning("liveness.flush.failed", metadata: ["error": "\(error)"])
        }
    }
}

extension DeviceDirectory {
    func takeDirty() -> [LivenessRow] {
        state.withLock { state in
            defer { state.dirty = [] }
            return state.dirty.compactMap { id in
                guard let entry = state.devices[id], !entry.isDeleted, let lastConnection = entry.lastConnection else {
                    return nil
                }
                return LivenessRow(
                    device: id, session: Int64(clamping: entry.lastSession), lastConnection: lastConnection,
                    lastSynchronization: entry.lastSynchronization, nextSynchronization: entry.nextSynchronization,
                    address: entry.address, runID: entry.runID)
            }
        }
    }

    func putBack(_ devices: [DeviceID]) { state.withLock { $0.dirty.formUnion(devices) } }
}
