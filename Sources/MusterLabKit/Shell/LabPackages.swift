import Foundation
import MusterTestKit

/// The Debian packages that the lab's machines install: made of the programs built beside the tests, when those are newer.
package enum LabPackages {
    /// Where machines see them.
    package static let inside = "/packages"

    /// Their directory, made now unless they are there.
    /// - Note: MUSTER_LAB_PACKAGES names one with other packages, as `make packages` makes them, for instance of a release build.
    package static func directory() async throws -> String {
        if let given = ProcessInfo.processInfo.environment["MUSTER_LAB_PACKAGES"] { return given }
        let place = "\(LabBase.checkout)/.lab/packages"
        let programs = try ["muster", "muster-agent", "muster-server"].map(ProgramPath.of).map(LabFile.quoted).joined(
            separator: " ")
        // One at a time; whoever comes second finds them made. Packaging may change too.
        let script = """
            set -e
            cd \(LabFile.quoted(LabBase.checkout))
            made="$0/made"
            if [ -e "$made" ] && [ -z "$(find \(programs) packaging scripts/packages examples -newer "$made" -print -quit)" ]; then exit 0; fi
            rm -rf "$0"
            touch "$0.begun"
            BUILD=debug OUTPUT="$0" scripts/packages/build
            mv "$0.begun" "$made"
            """
        try FileManager.default.createDirectory(atPath: "\(LabBase.checkout)/.lab", withIntermediateDirectories: true)
        let result = try await runProgram(
            ProgramPath.ofSystem("flock"), ["\(place).lock", "sh", "-c", script, place], within: .seconds(600))
        guard result.status == 0 else { throw FixtureError(description: "no packages: \(result.error)\(result.output)") }
        return place
    }

    /// A shell command that installs one, without asking anything or anybody: what it depends on is there.
    package static func install(_ package: String, environment: String = "") -> String {
        "\(environment) DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold \(package)"
    }
}
