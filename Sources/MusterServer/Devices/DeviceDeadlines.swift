import MusterModel

/// When devices are to be looked at again though nothing came of them: in steps of 10 minutes, as nobody waits for the second in which a
/// week is over. What was set and is no longer so is looked at once more for nothing.
struct DeviceDeadlines: Sendable {
    private static let step: Int64 = 600_000

    private var steps: [Int64: Set<DeviceID>] = [:]
    private var soon: Set<DeviceID> = []

    mutating func set(_ device: DeviceID, _ time: Timestamp) {
        // The first step that begins after it.
        steps[time.milliseconds / Self.step + 1, default: []].insert(device)
    }

    /// At the next beat.
    mutating func setSoon(_ device: DeviceID) { soon.insert(device) }

    mutating func take(until now: Timestamp) -> Set<DeviceID> {
        let due = steps.keys.filter { $0 <= now.milliseconds / Self.step }
        defer { soon = [] }
        return due.reduce(into: soon) { devices, step in devices.formUnion(steps.removeValue(forKey: step) ?? []) }
    }
}
