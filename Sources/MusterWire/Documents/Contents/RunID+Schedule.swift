import Crypto
package import MusterModel

extension RunID {
    /// Of the run that a device's schedule begins for a planned time: always the same, so that it begins once.
    package init(of task: TaskID, on device: DeviceID, planned: Timestamp) {
        let time = (0..<8).map { UInt8(truncatingIfNeeded: planned.milliseconds >> (56 - 8 * $0)) }
        let digest = SHA256.hash(data: device.bytes + task.bytes + time)
        self = Self(bytes: Array(digest.prefix(16))) ?? .wellKnown(0)
    }
}

extension TaskTiming {
    /// What random delays of a task are drawn from on a device: others on others, and always the same.
    package static func seed(of task: TaskID, on device: DeviceID) -> UInt64 {
        SHA256.hash(data: task.bytes + device.bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
