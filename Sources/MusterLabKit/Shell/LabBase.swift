import Foundation
import MusterTestKit

/// The Debian that all machines of all labs start from: made once by debootstrap, which takes a minute and a mirror, and never written to.
/// Another list of packages makes another one.
package enum LabBase {
    private static let release = "bookworm"

    /// systemd with logind and D-Bus; what the programs link; what tests and people look with; firewalls to let packets through, none of
    /// them on.
    private static let packages = [
        "adduser", "ca-certificates", "dbus", "firewalld", "iproute2", "iptables", "iputils-ping", "libpam-systemd", "libpq5",
        "libsqlite3-0",
        "netcat-openbsd", "nftables", "procps", "python3-cap-ng", "systemd", "systemd-sysv", "ufw", "zlib1g",
    ]

    /// A first boot starts everything but these: a firewall that tests switch on, and what would wait for a network that the lab makes
    /// itself.
    private static let masked = [
        "firewalld", "systemd-networkd", "systemd-networkd.socket", "systemd-networkd-wait-online",
    ]

    /// Its directory, made now if it is not there.
    /// - Note: In `.lab` of the checkout, or where MUSTER_LAB_BASE says; from MUSTER_LAB_MIRROR, or Debian's own.
    package static func directory() async throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let place = environment["MUSTER_LAB_BASE"] ?? "\(checkout)/.lab/base-\(release)"
        let mirror = environment["MUSTER_LAB_MIRROR"] ?? "http://deb.debian.org/debian"
        guard !isMade(place) else { return place }
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: place).deletingLastPathComponent().path, withIntermediateDirectories: true)
        let debootstrap = try ProgramPath.ofSystem("debootstrap")
        // One at a time; whoever comes second finds it made. In namespaces of its own, so that it leaves no mounts when it is interrupted.
        let script = """
            set -e
            [ "$(cat "$0.packages" 2>/dev/null)" != "$2" ] || exit 0
            rm -rf "$0" "$0.new" "$0.packages"
            \(debootstrap) --variant=minbase --include="$2" \(release) "$0.new" "$1"
            chroot "$0.new" systemctl mask \(masked.joined(separator: " "))
            rm -rf "$0.new"/var/cache/apt/archives/*.deb "$0.new"/var/lib/apt/lists/* "$0.new"/etc/machine-id
            mv "$0.new" "$0"
            echo "$2" >"$0.packages"
            """
        let made = try await runProgram(
            ProgramPath.ofSystem("flock"),
            [
                "\(place).lock", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                "sh", "-c", script, place, mirror, list,
            ], within: .seconds(600))
        guard made.status == 0 else {
            throw FixtureError(description: "debootstrap from \(mirror) failed: \(made.error)\(made.output.suffix(2000))")
        }
        return place
    }

    private static var list: String { packages.joined(separator: ",") }

    private static func isMade(_ place: String) -> Bool {
        LabFile.text("\(place).packages") == "\(list)\n" && FileManager.default.fileExists(atPath: "\(place)/etc/debian_version")
    }

    static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        .standardized.path
}
