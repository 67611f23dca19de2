import MusterModel

/// The systemd units that Debian's packages bring, and what is asked of them.
struct ClamUnits: Sendable {
    static let daemon = "clamav-daemon.service"
    static let socket = "clamav-daemon.socket"
    static let onAccess = "clamav-clamonacc.service"
    static let updater = "clamav-freshclam.service"

    /// Reading the official databases takes half a minute, on a slow device some; its unit allows 7.
    private static let loading = Duration.minutes(7)
    private static let patience = Duration.seconds(4)

    let program: SystemProgram
    let root: RootPath

    /// systemd runs this machine.
    var isThere: Bool { FileStamp(root.path("run/systemd/system")) != nil && program.isThere("systemctl") }

    /// - Returns: nil where systemd does not run, or does not answer.
    func listing() async -> UnitListing? {
        guard isThere else { return nil }
        let arguments = ["show", "--no-pager", "--property=\(UnitListing.standing.joined(separator: ","))", "--"]
        let output = await program.run("systemctl", arguments + [Self.daemon, Self.socket, Self.onAccess], within: Self.patience)
        return output.flatMap { $0.isSuccess ? UnitListing($0.text) : nil }
    }

    /// clamd does not run, and systemd would start it for whoever connects: asking it would change what is to be seen.
    static func wouldBeStarted(_ listing: UnitListing?) -> Bool {
        guard let listing, listing[socket]?.active == "active" else { return false }
        return listing[daemon]?.active == "inactive" || listing[daemon]?.active == "failed"
    }

    /// clamd was started so short a while ago that it may read its databases still. After the device slept it counts as started earlier.
    /// - Parameter answered: since when the clamd was active that answered last: it has read them.
    static func isLoading(_ listing: UnitListing?, answered: Int64?) -> Bool {
        guard let unit = listing?[daemon] else { return false }
        if unit.active == "activating" { return true }
        guard unit.active == "active", let since = unit.activeSince, since > 0, since != answered, let uptime else {
            return false
        }
        return uptime - since / 1_000_000 < loading.components.seconds
    }

    /// Of the device, in seconds.
    private static var uptime: Int64? { SystemCall.line(of: "/proc/uptime").flatMap { Int64($0.prefix { $0 != "." }) } }

    /// Nil: it is not known.
    static func onAccess(_ listing: UnitListing?) -> OnAccess? { listing?[onAccess].map { OnAccess($0, uptime: uptime) } }

    /// Nothing happens to one that does not run. It does not wait: clamd takes long to stop while it scans.
    func restartIfRunning(_ units: [String]) async throws(ConnectorError) {
        try await call(["try-restart", "--no-block", "--"] + units)
    }

    func setOnAccess(_ isOn: Bool) async throws(ConnectorError) {
        try await call([isOn ? "enable" : "disable", "--now", "--no-block", "--", Self.onAccess])
    }

    private func call(_ arguments: [String]) async throws(ConnectorError) {
        guard isThere else { return }
        let output = await program.run("systemctl", arguments, within: Self.patience)
        if let failure = output.failure(of: "systemctl \(arguments[0])") { throw ConnectorError("systemdRefused", failure) }
    }
}
