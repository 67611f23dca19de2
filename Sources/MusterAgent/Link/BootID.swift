import MusterModel

/// The kernel's id of this boot; 16 bytes, for information.
enum BootID {
    static func read() -> [UInt8] {
        SystemCall.line(of: "/proc/sys/kernel/random/boot_id").flatMap { DeviceID($0)?.bytes } ?? Array(repeating: 0, count: 16)
    }
}
