import MusterModel
import MusterSession
import MusterStore

/// The actions that have no end yet, as memory knows them: what is to be said to which device. A value; who holds it writes the database.
struct ActionBoard: Sendable {
    private struct Entry: Sendable {
        let device: DeviceID
        let kind: ActionKind
        let subject: ActionSubject
        var expires: Timestamp
        /// The device has written it down: it is not said again.
        var isAccepted: Bool
        /// When the device was asked to connect for it.
        var requested: Timestamp?
    }

    private var entries: [ActionID: Entry] = [:]
    private var devices: [DeviceID: [ActionID]] = [:]
    /// What runs of tasks carry, one copy for all the devices of an order, and how many actions carry it.
    private var payloads: [ActionSubject: (bytes: [UInt8], uses: Int)] = [:]

    var count: Int { entries.count }

    /// - Parameter payload: of one that runs a task; those that are about the same share it.
    mutating func add(_ action: ActionRecord, payload: [UInt8]? = nil) {
        guard entries[action.id] == nil, !action.progress.isFinal else { return }
        entries[action.id] = Entry(
            device: action.device, kind: action.kind, subject: action.subject, expires: action.expires,
            isAccepted: action.progress == .accepted)
        if let payload { payloads[action.subject, default: (payload, 0)].uses += 1 }
        devices[action.device, default: []].append(action.id)
    }

    /// Another order waits for it too. - Returns: the device that is to be reached for it; nil when it has accepted it already.
    mutating func extend(_ id: ActionID, to expires: Timestamp) -> DeviceID? {
        guard let entry = entries[id], !entry.isAccepted else { return nil }
        entries[id]?.expires = max(entry.expires, expires)
        return entry.device
    }

    /// What the device has not accepted yet, the oldest first.
    func orders(for device: DeviceID, now: Timestamp) -> [ActionOrder] {
        (devices[device] ?? []).compactMap { id in
            guard let entry = entries[id], !entry.isAccepted, entry.expires > now else { return nil }
            guard let payload = payload(of: entry.subject) else { return nil }
            return ActionOrder(
                id: id, kind: entry.kind.rawValue, expiresAfter: entry.expires - now, payload: payload)
        }
    }

    /// Nil when it is not here: such an action is not said.
    private func payload(of subject: ActionSubject) -> [UInt8]? {
        switch subject {
        case .none: []
        case .run(let run): run.bytes
        case .task: payloads[subject]?.bytes
        }
    }

    /// The device is asked to connect.
    mutating func requested(_ device: DeviceID, now: Timestamp) {
        for id in devices[device] ?? [] where entries[id]?.requested == nil { entries[id]?.requested = now }
    }

    /// It did not come.
    mutating func requestFailed(_ device: DeviceID) {
        for id in devices[device] ?? [] { entries[id]?.requested = nil }
    }

    /// It is said to the device in a session that began for this reason; nil: in one that was open.
    func reach(_ id: ActionID, cameForRequest: Bool?, now: Timestamp) -> ActionReach {
        guard let cameForRequest else { return ActionReach(.connection) }
        guard cameForRequest, let requested = entries[id]?.requested else { return ActionReach(.synchronization) }
        return ActionReach(.connectionRequest, connectedAfter: max(.zero, now - requested))
    }

    mutating func accepted(_ id: ActionID) { entries[id]?.isAccepted = true }

    mutating func ended(_ id: ActionID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        release(entry.subject)
        devices[entry.device]?.removeAll { $0 == id }
        if devices[entry.device]?.isEmpty == true { devices[entry.device] = nil }
    }

    mutating func forget(_ device: DeviceID) {
        for id in devices.removeValue(forKey: device) ?? [] {
            if let entry = entries.removeValue(forKey: id) { release(entry.subject) }
        }
    }

    private mutating func release(_ subject: ActionSubject) {
        payloads[subject]?.uses -= 1
        if let uses = payloads[subject]?.uses, uses <= 0 { payloads[subject] = nil }
    }

    /// What is held of tasks for devices that did not take them yet.
    var payloadCount: Int { payloads.count }
}
