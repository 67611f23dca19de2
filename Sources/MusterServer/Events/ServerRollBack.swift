import MusterModel
import MusterStore
import Synchronization

/// This server's database was put back to an older state (a backup, a snapshot): devices were served by a later one than it holds. Said once
/// since the start, as an event, with the first device that shows it; the others are counted.
final class ServerRollBack: Sendable {
    /// 16 bytes a device.
    private let devices = Mutex<Set<DeviceID>>([])
    private let store: Store
    private let feed: EventFeed

    init(store: Store, feed: EventFeed) {
        self.store = store
        self.feed = feed
    }

    /// Devices that came with a later session than this database can have known.
    var devicesAhead: Int { devices.withLock { $0.count } }

    /// Positions of events leap, so that followers of the newer state miss nothing of what comes from here on.
    func noticed(by device: DeviceID, session: UInt64, known: UInt64, now: Timestamp) async throws(StoreError) {
        let isFirst = devices.withLock { devices in
            devices.insert(device).inserted && devices.count == 1
        }
        guard isFirst else { return }
        let newest = Timestamp(milliseconds: Int64(clamping: known))
        let event = ServerEvent(
            device: device, type: EventType.serverRolledBack, severity: .error,
            text: "this server's database was put back to a state of \(newest) or before: events stored after it are lost here",
            parameters: ["session": .integer(Int64(clamping: session)), "known": .integer(Int64(clamping: known))])
        do throws(StoreError) {
            feed.publish(position: try await store.storeServerEventAfterLeap(event, now: now), count: 1)
        } catch {
            devices.withLock { _ = $0.remove(device) }
            throw error
        }
    }
}
