import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// *Run now* on devices that can be reached, and on one that cannot; and what becomes of a run whose device loses its power.
@Suite(.needsRoot, .oneAtATime)
struct TaskReachTests {
    /// Behind NAT with the box ticked, and behind a firewall that lets UDP 15000 in: in under a second. With neither: when it comes by itself.
    @Test func aTaskBeginsAsSoonAsItsDeviceCanBeReached() async throws {
        try await withLab(LabPlan([("krk-pc-09", .home), ("krk-pc-04", .hosting), ("krk-pc-07", .branch)])) { lab in
            let ticked = try await ManagedDevice(lab, "krk-pc-09")
            let open = try await ManagedDevice(lab, "krk-pc-04")
            let closed = try await ManagedDevice(lab, "krk-pc-07")
            try await ticked.connectForGood()
            try await lab.server.makeScript("Mark", "date >>/root/ran")
            for managed in [ticked, open] {
                // A machine that runs other tests may be slow once.
                var fastest = 60.0
                for _ in 1...3 { fastest = min(fastest, try await managed.secondsUntilItBegins("Mark")) }
                #expect(fastest < 1, "\(managed.device.name): \(fastest) s")
                print("run now on \(managed.device.name): began after \(fastest) s")
            }
            try await closed.server.muster("tasks", "run", "Mark", "--device", closed.id).succeeded()
            try await Task.sleep(for: .seconds(5))
            // Unless it came meanwhile, as with an event of its own.
            let run = try await closed.lastRun("Mark")
            #expect(run.text("state") == "pending" || run.text("route") == "synchronization", "\(run)")
            try await closed.device.sync()
            try await closed.lastRun("Mark", becomes: "succeeded")
            #expect(closed.host.read("/root/ran").split(separator: "\n").count == 1)
        }
    }

    /// Switched off as people do it, and by pulling the plug: the run is known to have been interrupted when the device is back, it does not begin
    /// a second time, and the next one runs.
    @Test(arguments: [true, false])
    func aRunWhoseDeviceGoesOffIsInterrupted(isPulled: Bool) async throws {
        try await withLab(LabPlan([("krk-pc-04", .home)])) { lab in
            let managed = try await ManagedDevice(lab, "krk-pc-04")
            try await managed.connectForGood()
            try await lab.server.makeScript("Long", "echo began >>/root/ran; sync; sleep 300")
            try await lab.server.makeScript("Short", "echo short")
            try await managed.server.muster("tasks", "run", "Long", "--device", managed.id).succeeded()
            try await managed.lastRun("Long", becomes: "running")
            try await eventually("it does what it should") { managed.host.read("/root/ran") == "began\n" }
            let unit = try await managed.device.run("systemctl list-units --no-legend 'muster-task-*'").succeeded().output
            #expect(unit.contains("running"), "in a unit of its own: \(unit)")
            if isPulled { try await managed.host.cutPower() } else { try await managed.host.powerOff() }
            try await managed.host.boot()
            try await managed.device.waitForAgent()
            try await managed.lastRun("Long", becomes: "interrupted")
            try await managed.server.muster("tasks", "run", "Short", "--device", managed.id, "--wait").succeeded()
            #expect(managed.host.read("/root/ran") == "began\n", "once")
            #expect(try await managed.server.musterJSON("tasks", "runs", "Long").count == 1)
        }
    }

    /// The agent ends and starts anew under a run: the run goes on.
    @Test func aRunOutlivesItsAgent() async throws {
        try await withLab(LabPlan([("krk-pc-04", .home)])) { lab in
            let managed = try await ManagedDevice(lab, "krk-pc-04")
            try await managed.connectForGood()
            try await lab.server.makeScript("Long", "for i in $(seq 20); do sleep 0.5; echo $i; done")
            try await managed.server.muster("tasks", "run", "Long", "--device", managed.id).succeeded()
            try await managed.lastRun("Long", becomes: "running")
            try await managed.device.run("systemctl restart muster-agent").succeeded()
            try await managed.device.run("systemctl kill --signal=KILL muster-agent").succeeded()
            try await managed.lastRun("Long", becomes: "succeeded")
            let id = try #require(try await managed.lastRun("Long").text("id"))
            try await eventually("its output is there") {
                try await managed.server.muster("runs", "output", id).output.hasSuffix("19\n20\n")
            }
        }
    }
}

extension LabServer {
    /// A task for all devices that is run by hand.
    func makeScript(_ name: String, _ text: String) async throws {
        let file = "/root/\(name).sh"
        try host.write(text + "\n", to: file)
        try await muster(
            "tasks", "create", name, "--application", "scripts", "--type", "run", "--set-file", "text=\(file)", "--group", "/"
        ).succeeded()
    }
}

extension ManagedDevice {
    func lastRun(_ task: String) async throws -> [String: Any] {
        try #require(try await server.musterJSON("runs", "list", "--task", task, "--device", id).first)
    }

    func lastRun(_ task: String, becomes state: String) async throws {
        try await eventually("'\(task)' is \(state)", state: { "\(try await lastRun(task))" }) {
            try await lastRun(task).text("state") == state
        }
    }

    /// By the clock that server and device share.
    func secondsUntilItBegins(_ task: String) async throws -> Double {
        try await server.muster("tasks", "run", task, "--device", id).succeeded()
        try await lastRun(task, becomes: "succeeded")
        let run = try await lastRun(task)
        func time(_ name: String) throws -> Date {
            try Date(
                try #require(run.text(name)), strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true))
        }
        return try time("started").timeIntervalSince(try time("created"))
    }
}
