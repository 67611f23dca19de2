import MusterModel
import MusterSession
import MusterStore
import MusterWire
import Synchronization

/// What datagrams need to know of devices, and leave behind.
extension DeviceDirectory {
    /// For `NoticeGate`.
    func noticeSender(_ id: DeviceID) -> NoticeGate.Sender? {
        guard let entry = entry(id), !entry.isDeleted else { return nil }
        let facts = entry.datagrams
        return NoticeGate.Sender(
            keys: entry.certificates.filter { !$0.revoked }.map { Digest(keyID: $0.publicKeyFingerprint) }, runID: entry.runID,
            lastConnection: entry.lastConnection, lastCounter: facts.noticeRunID == entry.runID ? facts.noticeCounter : 0)
    }

    /// The whole fingerprint of a device's key, by the part of it that a datagram names.
    func publicKey(_ keyID: Digest, of id: DeviceID) -> Fingerprint? {
        entry(id)?.certificates.first { !$0.revoked && Digest(keyID: $0.publicKeyFingerprint) == keyID }?.publicKeyFingerprint
    }

    func noticeTaken(_ notice: NoticeGate.Notice, now: Timestamp) {
        let datagram = notice.datagram
        state.withLock { state in
            state.devices[datagram.device]?.datagrams.noticeRunID = datagram.runID
            state.devices[datagram.device]?.datagrams.noticeReceived = now
            state.devices[datagram.device]?.datagrams.noticeCounter = datagram.counter
        }
        noticeReceived(datagram.device, AbsenceNotice(kind: notice.kind, time: now))
    }

    /// The document `system` was stored.
    /// Where a connection request to the device would go.
    func requestPlace(_ id: DeviceID) -> RequestPlace {
        guard let entry = entry(id), !entry.isDeleted, !entry.isRevoked else { return .none(.unknownDevice) }
        if entry.channel != nil { return .none(.alreadyConnected) }
        guard let port = entry.datagrams.udpPort else { return .none(.portUnknown) }
        guard port != 0 else { return .none(.notListening) }
        guard let address = entry.address else { return .none(.addressUnknown) }
        return .place(address: address, port: port)
    }

    /// The counter of the next connection request to the device; nil when it is not there any more.
    func nextRequest(_ id: DeviceID, now: Timestamp) -> UInt64? {
        state.withLock { $0.devices[id]?.datagrams.nextRequest(now: now) }
    }
}

/// Where a connection request goes, or why nowhere.
enum RequestPlace: Hashable, Sendable {
    case place(address: String, port: UInt16)
    case none(ConnectionRequestOutcome)
}
