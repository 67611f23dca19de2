import MusterModel
import MusterStore
import Synchronization

/// The history of connections, shared by the sessions that make it and the flush that writes it (`LivenessFlush`). Nothing here waits: a
/// connection costs a lock and no statement.
final class ConnectionLog: Sendable {
    private let history: Mutex<ConnectionHistory>

    init(lastNumber: Int64) { history = Mutex(ConnectionHistory(lastNumber: lastNumber)) }

    func opened(_ device: DeviceID, address: String, hello: String, now: Timestamp) -> Int64 {
        history.withLock { $0.opened(device, address: address, hello: hello, now: now) }
    }

    func closed(_ number: Int64, _ end: ConnectionEnd, now: Timestamp) {
        history.withLock {
            $0.closed(number, reason: end.reason, text: end.text, documents: end.documents, events: end.events, now: now)
        }
    }

    func refused(_ device: DeviceID, _ end: ConnectionEnd, address: String, hello: String, now: Timestamp) {
        history.withLock {
            $0.refused(device, reason: end.reason, text: end.text, address: address, hello: hello, now: now)
        }
    }

    func takeWaiting(now: Timestamp) -> [ConnectionRecord] { history.withLock { $0.takeWaiting(now: now) } }
    func putBack(_ records: [ConnectionRecord]) { history.withLock { $0.putBack(records) } }
    func takeGrown() -> [DeviceID] { history.withLock { $0.takeGrown() } }
    func unwritten(of device: DeviceID) -> [ConnectionRecord] { history.withLock { $0.unwritten(of: device) } }
    func lastRefusal(of device: DeviceID) -> ConnectionRecord? { history.withLock { $0.lastRefusal(of: device) } }
    /// Entries that could not be kept until the database took them.
    var lost: UInt64 { history.withLock { $0.lost } }
}

/// How a connection ended, and what it brought.
struct ConnectionEnd: Hashable, Sendable {
    var reason: CloseReason
    var text = ""
    var documents: Int64 = 0
    var events: Int64 = 0
}
