/// One network interface and its hardware address, from `/sys/class/net`.
///
/// Without loopback, and without those whose address the kernel drew at random (`addr_assign_type` 1): the ends of containers' cables,
/// which come and go with them.
struct NetworkInterface: Hashable, Sendable {
    var name: String
    /// Lower-case hexadecimal with colons.
    var mac: String

    /// By name.
    static func readAll(_ root: RootPath) -> [NetworkInterface] {
        root.names("sys/class/net").compactMap { name in
            let directory = "sys/class/net/\(name)"
            guard let mac = root.line(directory + "/address"), mac.contains(where: { $0 != "0" && $0 != ":" }),
                root.line(directory + "/addr_assign_type") != "1"
            else { return nil }
            return NetworkInterface(name: name, mac: mac)
        }
    }
}
