/// One disk of the device, from `/sys/block`.
///
/// Only those with a device behind them: loop, RAM and compressed-memory disks, volumes and arrays are made by software. Removable ones
/// are left out too: their size is that of what lies in them just now.
struct Disk: Hashable, Sendable {
    /// As the kernel names it: `sda`.
    var name: String
    var model: String?
    /// In bytes.
    var size: Int64

    /// By name.
    static func readAll(_ root: RootPath) -> [Disk] {
        root.names("sys/block").compactMap { name in
            let directory = "sys/block/\(name)"
            guard FileStamp(root.path(directory + "/device")) != nil, root.line(directory + "/removable") != "1",
                // In sectors of 512 bytes, whatever the disk's own are.
                let sectors = root.line(directory + "/size").flatMap({ Int64($0) }), (1..<1 << 54).contains(sectors)
            else { return nil }
            return Disk(name: name, model: root.line(directory + "/device/model"), size: sectors * 512)
        }
    }
}
