import MusterModel

/// When devices are to be looked at again though nothing came of them: in steps of 10 minutes, as nobody waits for the second in which a
/// week is over. A device waits in one step, however often a time is set for it: given a later one it stays where it is, is looked at there
/// for nothing, and then waits for that.
struct DeviceDeadlines: Sendable {
    private static let step: Int64 = 600_000

    private var steps: [Int64: Set<DeviceID>] = [:]
    private var waiting: [DeviceID: Int64] = [:]
    private var soon: Set<DeviceID> = []

    /// Places that are taken: never more than devices.
    var count: Int { steps.values.reduce(0) { $0 + $1.count } }

    mutating func set(_ device: DeviceID, _ time: Timestamp) {
        // The first step that begins after it.
        let step = time.milliseconds / Self.step + 1
        if let earlier = waiting[device] {
            guard step < earlier else { return }
            steps[earlier]?.remove(device)
        }
        waiting[device] = step
        steps[step, default: []].insert(device)
    }

    /// At the next beat.
    mutating func setSoon(_ device: DeviceID) { soon.insert(device) }

    mutating func take(until now: Timestamp) -> Set<DeviceID> {
        let due = steps.keys.filter { $0 <= now.milliseconds / Self.step }
        var devices = due.reduce(into: Set<DeviceID>()) { $0.formUnion(steps.removeValue(forKey: $1) ?? []) }
        for device in devices { waiting[device] = nil }
        devices.formUnion(soon)
        soon = []
        return devices
    }
}
