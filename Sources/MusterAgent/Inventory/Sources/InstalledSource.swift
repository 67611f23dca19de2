package import MusterModel

/// One of the package systems that may be on a device. It reads its database itself and starts no process.
///
/// A source reads and nothing else: what changed is `InstalledDifference`'s, when to read is `PackageWatcher`'s. A package system that
/// is not on this device has no applications; one that is there and cannot be read throws, so that nothing looks removed.
package protocol InstalledSource: Sendable {
    /// What `InstalledApplication.source` says; never changed once devices report it.
    var name: String { get }
    /// The directories whose entries change when an application comes or goes; those that do not exist are passed over.
    var watchedDirectories: [String] { get }
    /// Blocks for file reads. - Throws: `sourceUnreadable`.
    func read() throws(AgentError) -> [InstalledApplication]
}

extension AgentError {
    static func unreadable(_ source: String, _ path: String, _ number: Int32) -> Self {
        Self(.sourceUnreadable, "\(source): cannot read \(path): \(SystemCall.text(of: number))")
    }
}
