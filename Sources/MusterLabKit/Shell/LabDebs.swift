import Foundation
import MusterTestKit

/// Debian's own packages that a lab's machine installs without a network: downloaded once, with what they depend on and the base lacks.
package enum LabDebs {
    /// Their directory, made now if it is not there.
    /// - Parameter packages: what is asked for; the others follow.
    /// - Note: In `.lab` of the checkout; from where the base is from, or its mirror is now.
    package static func directory(of packages: [String]) async throws -> String {
        let base = try await LabBase.directory()
        let place = "\(LabBase.checkout)/.lab/debs-\(packages.joined(separator: "-"))"
        try FileManager.default.createDirectory(atPath: "\(LabBase.checkout)/.lab", withIntermediateDirectories: true)
        // Beside the base, which is not written to, in namespaces of its own: no mount is left when it is interrupted.
        let script = """
            set -e
            place=$0 base=$1
            shift
            [ ! -d "$place" ] || exit 0
            rm -rf "$place.new"
            mkdir -p "$place.new/machine"
            cd "$place.new/machine"
            mount -t tmpfs none .
            cd "$place.new/machine"
            mkdir upper work root
            mount -t overlay none -o "lowerdir=$base,upperdir=upper,workdir=work" root
            rm -f root/etc/resolv.conf
            cat /etc/resolv.conf >root/etc/resolv.conf
            chroot root apt-get -q update
            chroot root apt-get -q install -y --no-install-recommends --download-only "$@"
            cp root/var/cache/apt/archives/*.deb ..
            cd /
            umount "$place.new/machine/root" "$place.new/machine"
            rmdir "$place.new/machine"
            mv "$place.new" "$place"
            """
        let made = try await runProgram(
            ProgramPath.ofSystem("flock"),
            [
                "\(place).lock", "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, place, base,
            ] + packages, within: .seconds(300))
        guard made.status == 0 else {
            throw FixtureError(description: "no packages \(packages): \(made.error)\(made.output.suffix(2000))")
        }
        return place
    }
}
