import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// `make lab`, from after the build on: it goes without a trace, however it ends.
@Suite(.needsRoot, .oneAtATime)
struct MakeLabTests {
    private let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    private var environment: [String: String] {
        let place = ProcessInfo.processInfo.environment["MUSTER_LAB_BASE"].map { ["MUSTER_LAB_BASE": $0] } ?? [:]
        return ["MUSTER_LAB_FILE": files.file("lab.json")].merging(place) { $1 }
    }

    private func start(_ name: String) async throws -> RunningProgram {
        let lab = try RunningProgram("muster-lab", [], environment: environment, log: files.file(name))
        try await eventually("the lab is up", within: .seconds(240), state: { lab.log }) {
            !lab.isRunning || lab.log.contains("Ctrl-C removes all of it")
        }
        guard lab.isRunning else {
            throw FixtureError(description: "it ended with \(try await lab.exitStatus()): \(lab.log)")
        }
        return lab
    }

    /// Directories, control groups and interfaces of a lab that ran in this process.
    private func traces(of lab: RunningProgram) throws -> [String] {
        let places = ["/tmp", "/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/class/net"]
        let names = places.flatMap { place in
            ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).map { "\(place)/\($0)" }
        }
        return names.filter { $0.contains("/muster-lab-\(lab.pid)-") || $0.hasSuffix("/mlab\(lab.pid)") }
    }

    @Test func letsInAndLeavesNothing() async throws {
        let first = try await start("first")
        let hostname = try await runProgram("muster-lab", ["run", "krk-pc-02", "hostname"], environment: environment)
        #expect(try hostname.succeeded().output == "krk-pc-02\n")
        let line = try #require(first.log.split(separator: "\n").first { $0.contains("export MUSTER_SERVER") })
        let list = try await runProgram("/bin/sh", ["-c", "\(line); \(ProgramPath.of("muster")) devices list"])
        #expect(try list.succeeded().output.contains("krk-pc-06"))
        #expect(try traces(of: first).isEmpty == false)
        let second = try await runProgram("muster-lab", [], environment: environment)
        #expect(second.status != 0 && second.error.contains("has a lab already"))
        first.signal(SIGINT)
        #expect(try await first.exitStatus() == 0)
        try await eventually("nothing is left", state: { try traces(of: first).description }) { try traces(of: first).isEmpty }
        let late = try await runProgram("muster-lab", ["run", "krk-pc-02", "hostname"], environment: environment)
        #expect(late.status != 0 && late.error.contains("no lab is running"))
    }

    /// The kernel ends what it started and takes networks and disks; what is left is empty, and the next lab takes that.
    @Test func theNextLabTakesWhatAKilledOneLeft() async throws {
        let killed = try await start("killed")
        let lab = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: files.file("lab.json"))))
        let machines = try #require((lab as? [String: Any])?["machines"] as? [String: Int])
        #expect(machines.count == 7)
        try await killed.kill()
        try await eventually("its machines are gone") {
            machines.values.allSatisfy { !FileManager.default.fileExists(atPath: "/proc/\($0)") }
        }
        try await withLab(LabPlan([])) { _ in }
        try await eventually("nothing is left", state: { try traces(of: killed).description }) { try traces(of: killed).isEmpty }
    }
}
