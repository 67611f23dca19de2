import Glibc
import MusterModel
import Testing

@testable import MusterAgent

/// A device whose packages are in a folder: the real apt and the real dpkg work on them, with a repository made there.
struct PackageRepository {
    static let isPossible =
        geteuid() == 0 && ["apt-get", "dpkg", "dpkg-deb", "dpkg-query"].allSatisfy { access("/usr/bin/" + $0, X_OK) == 0 }

    let device: TaskRehearsal

    /// *weather* 1.0 and 1.1, *storm* 2.0 that needs weather, *hail* 1.0 whose script cannot run in the folder, where there is no shell.
    private static let packages = """
        set -e
        umask 022
        package() {
            rm -rf tree
            mkdir -p tree/DEBIAN tree/etc
            printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: t <t@t>\\nDescription: a test\\n%b' "$1" "$2" "$3" >tree/DEBIAN/control
            echo "of the package, $2" >tree/etc/$1.conf
            echo "/etc/$1.conf" >tree/DEBIAN/conffiles
            if [ $1 = hail ]; then printf '#!/bin/sh\\nexit 0\\n' >tree/DEBIAN/postinst; chmod 755 tree/DEBIAN/postinst; fi
            dpkg-deb --build tree $1_$2.deb >/dev/null
            { cat tree/DEBIAN/control
              printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' $1_$2.deb $(stat -c %s $1_$2.deb) $(sha256sum $1_$2.deb | cut -d ' ' -f 1)
            } >>Packages
        }
        package weather 1.0
        package weather 1.1
        package storm 2.0 'Depends: weather\\n'
        package hail 1.0
        { printf 'Origin: Test\\nLabel: Test-Security\\nSuite: stable-security\\nDate: %s\\nSHA256:\\n' "$(date -Ru)"
          printf ' %s %s Packages\\n' $(sha256sum Packages | cut -d ' ' -f 1) $(stat -c %s Packages)
        } >Release
        """

    init() throws {
        device = try TaskRehearsal()
        let folder = device.file("")
        let folders = [
            "repository", "root/var/lib/dpkg/info", "root/var/lib/dpkg/updates", "root/var/cache/apt/archives/partial",
            "root/var/lib/apt/lists/partial", "root/etc/apt/apt.conf.d", "root/etc/apt/preferences.d", "root/var/log/apt",
        ]
        try shell("mkdir -p " + folders.joined(separator: " ") + "; : >root/var/lib/dpkg/status")
        try device.write(
            "apt.conf",
            """
            Dir "\(folder)root";
            Dir::State::status "\(folder)root/var/lib/dpkg/status";
            Dir::Bin::dpkg "/usr/bin/dpkg";
            DPkg::Options:: "--root=\(folder)root";
            DPkg::Options:: "--log=\(folder)dpkg.log";
            DPkg::Pre-Invoke { "while [ -e \(folder)hold ]; do sleep 0.1; done"; };
            APT::Sandbox::User "root";
            """)
        try device.add("usr/bin/apt-get", "APT_CONFIG=\(folder)apt.conf exec /usr/bin/apt-get \"$@\"")
        try device.add("usr/bin/dpkg-query", "exec /usr/bin/dpkg-query --root=\(folder)root \"$@\"")
        try device.write("make", Self.packages)
        try shell("cd repository && sh ../make")
        try device.write("root/etc/apt/sources.list", "deb [trusted=yes] file:\(folder)repository ./\n")
    }

    func shell(_ script: String) throws {
        try #require(Glibc.system("cd '\(device.file(""))' && { \(script)\n}") == 0)
    }

    /// Names and versions of what is installed.
    func installed() throws -> [String] {
        try DpkgSource(root: device.file("root")).read().map { "\($0.name) \($0.version)" }
    }
}
