import MusterModel
import NIOCore
import Synchronization

/// Who looks at a device just now. Its connection is kept open as long as somebody does, whether or not it is ticked; these places have a
/// limit of their own.
extension DeviceDirectory {
    /// Devices watched at once that are not ticked.
    static let maximumWatched = 50

    /// - Returns: false when all places are taken, or there is no such device.
    func watchBegan(_ id: DeviceID) -> Bool {
        let (isTaken, change) = state.withLock { state -> (Bool, DesiredChange?) in
            guard let entry = state.devices[id], !entry.isDeleted else { return (false, nil) }
            let isNew = entry.watchers == 0 && entry.permanentSince == nil
            if isNew, state.watched >= Self.maximumWatched { return (false, nil) }
            if isNew { state.watched += 1 }
            state.devices[id]?.watchers += 1
            return (true, state.devices[id].flatMap { state.desiredChange(of: $0) })
        }
        change?.tell()
        return isTaken
    }

    func watchEnded(_ id: DeviceID) {
        let change = state.withLock { state -> DesiredChange? in
            guard let entry = state.devices[id], entry.watchers > 0 else { return nil }
            state.devices[id]?.watchers -= 1
            guard entry.watchers == 1 else { return nil }
            state.watched = state.devices.values.count { $0.watchers > 0 && $0.permanentSince == nil }
            return state.devices[id].flatMap { state.desiredChange(of: $0) }
        }
        change?.tell()
    }
}
