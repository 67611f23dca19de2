import MusterWire

/// What document `hardware` says: CPU, memory, disks, network interfaces, firmware identity. Read from `/proc` and `/sys`; what the device
/// does not say is left out.
struct HardwareFacts: Hashable, Sendable {
    var processor: Processor
    /// In bytes, as the kernel has it: less than is built in.
    var memory: Int64?
    var disks: [Disk]
    var interfaces: [NetworkInterface]
    var firmware: [String: String]

    static func read(_ root: RootPath) -> Self {
        Self(
            processor: .read(root), memory: memory(root.lines("proc/meminfo")), disks: Disk.readAll(root),
            interfaces: NetworkInterface.readAll(root), firmware: FirmwareIdentity.read(root))
    }

    var facts: [String: Document.FactValue] {
        var facts: [String: Document.FactValue] = [:]
        facts["cpu/model"] = processor.model.map { .text($0) }
        facts["cpu/count"] = processor.count.map { .integer($0) }
        facts["memory/total"] = memory.map { .integer($0) }
        for disk in disks {
            facts["disk/\(disk.name)/size"] = .integer(disk.size)
            facts["disk/\(disk.name)/model"] = disk.model.map { .text($0) }
        }
        for interface in interfaces { facts["interface/\(interface.name)/mac"] = .text(interface.mac) }
        for (name, text) in firmware { facts["dmi/\(name)"] = .text(text) }
        return facts
    }

    private static func memory(_ lines: [Substring]) -> Int64? {
        guard let line = lines.first(where: { $0.hasPrefix("MemTotal:") }),
            let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int64($0) }), kibibytes < 1 << 50
        else { return nil }
        return kibibytes * 1024
    }
}
