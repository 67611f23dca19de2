import MusterLabKit
import MusterTestKit
import Testing

/// A device of a lab on which tasks are run from the server.
struct Workplace {
    let server: LabServer
    let device: LabDevice
    let id: String

    /// Makes a task for the device, runs it, and waits for its end.
    /// - Returns: the run.
    func run(_ application: String, _ type: String, _ options: String...) async throws -> [String: Any] {
        try await run(application, type, options)
    }

    private func run(_ application: String, _ type: String, _ options: [String]) async throws -> [String: Any] {
        try await end(of: order(application, type, options))
    }

    /// Makes a task for the device and orders a run of it. - Returns: the run's id.
    func order(_ application: String, _ type: String, _ options: [String]) async throws -> String {
        let ordered = try await server.muster(
            ["tasks", "run-once", id, "--application", application, "--type", type, "--output", "json"] + options)
        return try #require(try ordered.succeeded().objects().first?.text("id"))
    }

    /// As it is now.
    func run(_ id: String) async throws -> [String: Any] {
        try #require(try await server.musterJSON("runs", "show", id).first)
    }

    /// Waits for its end.
    func end(of run: String) async throws -> [String: Any] {
        var last: [String: Any] = [:]
        try await eventually("the run has ended", within: .seconds(240), state: { "\(last)" }) {
            last = try await self.run(run)
            return !["pending", "accepted", "running"].contains(last.text("state"))
        }
        return last
    }

    func succeeds(_ application: String, _ type: String, _ options: String..., figures: [String: Int] = [:]) async throws {
        let run = try await run(application, type, options)
        let said = run.text("state") == "succeeded" ? "" : try await output(of: run)
        #expect(run.text("state") == "succeeded", "\(run) \(said)")
        let found = run["figures"] as? [String: Any] ?? [:]
        for (name, figure) in figures { #expect(found.number(name) == figure, "\(name) in \(run)") }
    }

    /// What its programs said, once it has come.
    func output(of run: [String: Any]) async throws -> String {
        let id = try #require(run.text("id"))
        if run.number("outputBytes") == 0 { return "" }
        try await eventually("the output has come") {
            try await server.musterJSON("runs", "show", id).first?["hasOutput"] as? Bool == true
        }
        return try await server.muster("runs", "output", id).succeeded().output
    }

    /// Empty: it is not installed.
    func version(of package: String) async throws -> String {
        try await device.run("dpkg-query -W -f '${Version}' \(package) 2>/dev/null").output
    }
}

func withWorkplace(_ body: (Workplace) async throws -> Void) async throws {
    try await withLab(LabPlan([("krk-pc-04", .home)])) { lab in
        let device = try lab.device("krk-pc-04")
        try await device.enrol()
        let id = try await device.id
        // Tasks come at once.
        try await lab.server.muster("devices", "permanent-connection", id, "on").succeeded()
        try await device.sync()
        try await body(Workplace(server: lab.server, device: device, id: id))
    }
}

/// Repositories that a test makes on a device.
enum LabRepository {
    /// Two versions of a package, the second as a security update.
    static let ofWeather =
        begin + """

            for version in 1.0 1.1; do
                mkdir -p tree/DEBIAN
                printf 'Package: weather\\nVersion: %s\\nArchitecture: all\\nMaintainer: t <t@t>\\nDescription: a test\\n' $version >tree/DEBIAN/control
                add weather_$version.deb
            done

            """ + end

    /// The agent's package with a higher version.
    static let ofNewerAgent =
        begin + """

            dpkg-deb -R \(LabPackages.inside)/muster-agent_*.deb tree
            sed -i 's/^Version: .*/Version: 9.0/' tree/DEBIAN/control
            add muster-agent_9.0.deb

            """ + end + "\napt-get update"

    private static let begin = """
        set -e
        mkdir -p /repository && cd /repository
        add() {
            dpkg-deb -Znone --build tree $1 >/dev/null
            cat tree/DEBIAN/control >>Packages
            printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' $1 $(stat -c %s $1) $(sha256sum $1 | cut -d ' ' -f 1) >>Packages
        }
        """

    private static let end = """
        { printf 'Origin: Test\\nLabel: Test-Security\\nSuite: stable-security\\nDate: %s\\nSHA256:\\n' "$(date -Ru)"
          printf ' %s %s Packages\\n' $(sha256sum Packages | cut -d ' ' -f 1) $(stat -c %s Packages)
        } >Release
        echo 'deb [trusted=yes] file:/repository ./' >/etc/apt/sources.list
        """
}
