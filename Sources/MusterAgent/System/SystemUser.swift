import Glibc

/// A user of the device, as its system knows it.
struct SystemUser: Hashable, Sendable {
    let name: String
    let id: uid_t
    let group: gid_t
    let home: String
    let shell: String

    /// Blocks: names may come from the network. Nil: there is none.
    init?(named name: String) {
        let found = Self.entry { entry, buffer, result in getpwnam_r(name, &entry, buffer, Self.size, &result) }
        guard let found else { return nil }
        self = found
    }

    /// Whose process this is.
    static var current: SystemUser? {
        let id = geteuid()
        return entry { entry, buffer, result in getpwuid_r(id, &entry, buffer, Self.size, &result) }
    }

    private init(_ entry: passwd) {
        name = Self.text(entry.pw_name)
        id = entry.pw_uid
        group = entry.pw_gid
        home = Self.text(entry.pw_dir)
        shell = Self.text(entry.pw_shell)
    }

    private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

    /// Of one entry's texts; a longer one is none.
    private static let size = 64 * 1024

    private static func entry(
        _ find: (inout passwd, UnsafeMutablePointer<CChar>, inout UnsafeMutablePointer<passwd>?) -> Int32
    ) -> SystemUser? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { space in
            guard let buffer = space.baseAddress else { return nil }
            var entry = passwd()
            var result: UnsafeMutablePointer<passwd>?
            guard find(&entry, buffer, &result) == 0, result != nil else { return nil }
            return SystemUser(entry)
        }
    }
}
