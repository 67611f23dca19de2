import Logging
import MusterModel
import MusterSession
import MusterStore
import ServiceLifecycle
import Synchronization

/// Writes the liveness of everyone seen and the history of connections to the database, every 10 s in one transaction, and once more at
/// the end. After a crash at most 10 s of last connections are older than they were, and as much of the history is missing; nothing else
/// depends on them.
struct LivenessFlush: Service {
    static let period = Duration.seconds(10)

    let directory: DeviceDirectory
    let history: ConnectionLog
    let counters: CloseCounters
    let store: Store
    let memory: MemoryTrim
    let logger: Logger
    let now: @Sendable () -> Timestamp

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.period)) != nil {
                await flush()
                await writeDownFirstDatagram()
                await memory.periodEnded(store)
            }
        }
        await flush()
        await writeDownFirstDatagram()
    }

    /// Once in a server's life.
    private func writeDownFirstDatagram() async {
        let counts = counters.current
        guard counts.datagrams > 0, !counts.hadDatagrams else { return }
        do {
            try await store.setDatagramsReceived()
            counters.datagramsWereReceived()
        } catch {
            logger.debug("datagrams.flush.failed", metadata: ["error": "\(error)"])
        }
    }

    private func flush() async {
        let rows = directory.takeDirty()
        let connections = history.takeWaiting(now: now())
        do {
            try await store.flushLiveness(rows, connections: connections, now: now())
        } catch {
            directory.putBack(rows.map(\.device))
            history.putBack(connections)
            logger.warning("liveness.flush.failed", metadata: ["error": "\(error)"])
        }
    }
}

extension DeviceDirectory {
    func takeDirty() -> [LivenessRow] {
        state.withLock { state in
            defer { state.dirty = [] }
            return state.dirty.compactMap { id in
                guard let entry = state.devices[id], !entry.isDeleted else { return nil }
                var row = LivenessRow(
                    device: id, session: Int64(clamping: entry.lastSession), lastConnection: entry.lastConnection,
                    lastSynchronization: entry.lastSynchronization, nextSynchronization: entry.nextSynchronization,
                    address: entry.address, runID: entry.runID, lastClosed: entry.presence.lastClosed,
                    absence: entry.presence.absence, requestGotThrough: entry.datagrams.requestGotThrough)
                row.runs = entry.history.runs
                row.provenSession = entry.history.proven
                row.status = entry.statusCourse
                row.measures = entry.measures
                return row
            }
        }
    }

    func putBack(_ devices: [DeviceID]) { state.withLock { $0.dirty.formUnion(devices) } }
}
