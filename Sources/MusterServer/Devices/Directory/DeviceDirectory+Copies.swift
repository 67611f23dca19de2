import MusterModel
import MusterSession
import MusterWire
import NIOCore
import Synchronization

/// Machines that come with the identity of a device: the rule is `RunHistory`'s, asked in the directory's lock.
extension DeviceDirectory {
    /// The device kept the number of its session.
    func sessionProven(_ id: DeviceID, _ session: UInt64) {
        state.withLock { $0.devices[id]?.history.proved(session) }
    }

    /// A certificate came that is older than one that was used. - Returns: nil while that may be a snapshot put back.
    func cameOutdated(_ id: DeviceID, _ hello: Muster_V1_Hello, from address: String, now: Timestamp) -> CopyFound? {
        state.withLock { state in
            guard var entry = state.devices[id] else { return nil }
            let heard = [entry.lastConnection, entry.lastSynchronization].compactMap(\.self).max()
            let isCopy = entry.refused.cameOutdated(hello.runID, heard: heard, now: now)
            let found = isCopy ? entry.copyFound(hello.runID, from: address, now: now) : nil
            state.devices[id] = entry
            return found
        }
    }

    /// What an administrator decided, after commit.
    func copiesSplit(_ id: DeviceID, until end: Timestamp) { state.withLock { $0.devices[id]?.refused.splitUntil = end } }

    /// It was one device.
    func copiesForgotten(_ id: DeviceID) {
        state.withLock { state in
            state.devices[id]?.history.forget()
            state.devices[id]?.refused = RefusedCopies()
            state.devices[id]?.isCopyStored = false
        }
    }

    /// To be tried again: it could not be written down.
    func copyNotStored(_ id: DeviceID) { state.withLock { $0.devices[id]?.isCopyStored = false } }

    /// Devices that are known to be there twice.
    func copied() -> [CopiedDevice] {
        state.withLock { state in
            state.devices.values.filter { $0.history.isCopied && !$0.isDeleted }.map {
                CopiedDevice(device: $0.id, address: $0.address, refused: $0.refused.machines)
            }
        }
    }
}

/// A machine that is refused as a copy.
struct CopyFound: Hashable, Sendable {
    /// Nobody knows it yet: to be stored and told.
    var isNews: Bool
    /// It is to enrol as a device of its own.
    var isSplit: Bool
}

/// What a Hello whose certificate is in order gets.
enum OpeningVerdict {
    case opened(OpenedSession)
    /// Another run of the device is connected: does it answer?
    case ask(any Channel)
    case copy(CopyFound)
    /// Since the certificate was judged, an administrator decided otherwise.
    case refused(CloseReason)
}

/// What came of asking.
struct AskedSession {
    var channel: any Channel
    var isThere: Bool
}

extension DirectoryEntry {
    mutating func judge(_ hello: Muster_V1_Hello, asked: AskedSession?) -> RunHistory.Verdict {
        history.judge(.init(run: hello.runID, session: hello.session), beside: other(asked))
    }

    private func other(_ asked: AskedSession?) -> RunHistory.Other {
        guard let channel, let run = history.current else { return .none }
        guard let asked, asked.channel === channel else { return .open(run: run) }
        return asked.isThere ? .answered(run: run) : .none
    }

    mutating func copyFound(_ run: UInt64, from address: String, now: Timestamp) -> CopyFound {
        history.copyFound()
        refused.refused(run, from: address, now: now)
        defer { isCopyStored = true }
        return CopyFound(isNews: !isCopyStored, isSplit: refused.splitUntil.map { now < $0 } ?? false)
    }
}
