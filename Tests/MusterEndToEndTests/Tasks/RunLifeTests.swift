import Foundation
import MusterTestKit
import Testing

/// One run, from the order to its output.
@Suite(.fewAtATime)
struct RunLifeTests {
    @Test func itIsOrderedSeenAndItsOutputKept() async throws {
        let site = try await TaskSite()
        try await site.makeTask("Hello", "echo good; echo bad >&2; exit 3")
        let result = try await site.server.muster("tasks", "run", "Hello", "--wait")
        #expect(result.status != 0, "it failed: \(result.output)")
        let run = try #require(try await site.runs("Hello").first)
        #expect(run.text("state") == "failed" && run.number("exitCode") == 3 && run.text("origin") == "order")
        let id = try #require(run.text("id"))
        try await eventually("the output is there") {
            try await site.server.muster("runs", "output", id).output.contains("good\nbad\n")
        }
        let failed = try #require(try await site.site.events("task-failed").first)
        #expect(failed.text("severity") == "error" && failed.parameter("name") as? String == "Hello")
        // The device keeps nothing of it.
        try await eventually("the run's folder is gone") {
            (try? FileManager.default.contentsOfDirectory(atPath: site.agent.stateDirectory + "/runs")) ?? [] == []
        }
    }

    @Test func aCodeThatCountsAsSuccessIsSet() async throws {
        let site = try await TaskSite()
        try await site.makeTask("Look", "exit 2")
        #expect(try await site.server.muster("tasks", "run", "Look", "--wait").status == 4)
        try await site.server.muster("tasks", "edit", "Look", "--set", "success-codes=0,2").succeeded()
        try await site.server.muster("tasks", "run", "Look", "--wait").succeeded()
        let runs = try await site.runs("Look")
        #expect(runs.texts("state").sorted() == ["failed", "succeeded"] && runs.numbers("exitCode") == [2, 2], "\(runs)")
        for wrong in ["256", "-1", "2,2", "two", "02"] {
            let refused = try await site.server.muster("tasks", "edit", "Look", "--set", "success-codes=\(wrong)")
            #expect(refused.status != 0 && refused.error.contains("each an exit code, 0 to 255"), "\(wrong): \(refused)")
        }
    }

    @Test func whatIsRunOnceLeavesItsRunAndNoTask() async throws {
        let site = try await TaskSite()
        func once(_ options: String...) async throws -> CommandResult {
            try await site.server.muster(
                ["tasks", "run-once", "--application", "scripts", "--type", "run", "--set", "text=echo \"$1\"; exit 3", "--set"]
                    + [#"arguments=["a,b"]"#] + options + [site.site.device])
        }
        let result = try await once("--wait")
        #expect(result.status == 4, "\(result)")
        #expect(try await site.server.musterJSON("tasks", "list").isEmpty)
        let run = try #require(try await site.server.musterJSON("runs", "list").first?.text("id"))
        try await eventually("the output of a run without a task is there") {
            try await site.server.muster("runs", "output", run).output == "a,b\n"
        }
        try await eventually("the device is not Warning for it", state: { "\(try await site.server.device(site.site.device))" }) {
            !"\(try await site.server.device(site.site.device))".contains("task-failed")
        }
        #expect(try await once().succeeded().output.contains("The task stays. To delete it: muster tasks delete "))
        #expect(try await site.server.musterJSON("tasks", "list").count == 1)
    }

    @Test func howFarItIsIsSeenWhileItRuns() async throws {
        let site = try await TaskSite()
        try await site.makeTask("Long", "echo '40 copying' >&3; sleep 600")
        try await site.server.muster("tasks", "run", "Long").succeeded()
        try await eventually("it is seen how far it is", state: { "\(try await site.runs("Long"))" }) {
            let run = try await site.runs("Long").first
            return run?.text("step") == "copying" && run?.number("share") == 400
        }
        try await site.server.muster("runs", "stop", try #require(try await site.runs("Long").first?.text("id"))).succeeded()
        try await eventually("it is stopped") { try await site.runs("Long").first?.text("state") == "stopped" }
    }

    @Test func ofALongOutputTheBeginningAndTheEndAreKept() async throws {
        let site = try await TaskSite()
        try await site.makeTask("Flood", "echo first; yes muster | head -c 50000000; echo last")
        try await site.server.muster("tasks", "run", "Flood", "--wait").succeeded()
        let run = try #require(try await site.runs("Flood").first)
        #expect(run.number("outputBytes") == 50_000_011)
        let id = try #require(run.text("id"))
        let output = try await eventual("the output is there") {
            let output = try await site.server.muster("runs", "output", id)
            return output.status == 0 && output.output.contains("last") ? output.output : nil
        }
        #expect(output.hasPrefix("first\nmuster\n") && output.contains("last\n"))
        #expect(
            output.utf8.count < 70_000 && output.contains("49934475") || output.contains("49,934,475"),
            "what was left out is said")
    }

    @Test func oneThatDoesNotHeedIsStoppedWithAllItStarted() async throws {
        let site = try await TaskSite()
        try await site.makeTask(
            "Stubborn", "trap '' TERM; setsid sleep 1000 & echo $! >'\(site.file("child"))'; sleep 1000 & wait; sleep 1000")
        try await site.server.muster("tasks", "run", "Stubborn").succeeded()
        try await eventually("it runs") { try await site.runs("Stubborn").first?.text("state") == "running" }
        let child = try await eventual("its child is there") {
            Int32(
                (try? String(contentsOfFile: site.file("child"), encoding: .utf8))?.trimmingCharacters(
                    in: .whitespacesAndNewlines) ?? "")
        }
        let id = try #require(try await site.runs("Stubborn").first?.text("id"))
        try await site.server.muster("runs", "stop", id).succeeded()
        try await eventually("it is stopped") {
            try await site.runs("Stubborn").first?.text("state") == "stopped"
        }
        try await eventually("its child too") { kill(child, 0) != 0 }
    }

    @Test func whatHasNotBegunIsStoppedWithItsTask() async throws {
        let site = try await TaskSite()
        try await site.makeTask("Long", "until [ -e '\(site.file("may"))' ]; do sleep 0.1; done")
        try await site.server.muster("tasks", "run", "Long").succeeded()
        func states() async throws -> [String] { try await site.server.musterJSON("runs", "list").texts("state").sorted() }
        try await eventually("it runs") { try await states() == ["running"] }
        try await site.server.muster("tasks", "run", "Long").succeeded()
        try await eventually("the next waits for it on the device") { try await states() == ["accepted", "running"] }
        try await site.server.muster("tasks", "delete", "Long").succeeded()
        try await eventually("the next is stopped", state: { "\(try await states())" }) {
            try await states() == ["running", "stopped"]
        }
        try "".write(toFile: site.file("may"), atomically: true, encoding: .utf8)
        try await eventually("the first went on to its end") { try await states() == ["stopped", "succeeded"] }
        #expect(site.marks.count == 1)
    }

    @Test func pastItsTimeItIsEnded() async throws {
        let site = try await TaskSite()
        try await site.makeTask("Slow", "sleep 1000", options: "--device", site.site.device, "--set", "time-limit=2s")
        let result = try await site.server.muster("tasks", "run", "Slow", "--wait")
        #expect(result.status != 0)
        let run = try #require(try await site.runs("Slow").first)
        #expect(["timed-out", "failed"].contains(run.text("state")), "\(run)")
        #expect(run.text("code")?.lowercased().contains("time") == true, "\(run)")
    }

    @Test func whenItsProcessIsKilledItWasInterrupted() async throws {
        let site = try await TaskSite()
        try await site.makeTask("Killed", "sleep 30")
        try await site.server.muster("tasks", "run", "Killed").succeeded()
        try await eventually("it runs") { try await site.runs("Killed").first?.text("state") == "running" }
        let id = try #require(try await site.runs("Killed").first?.text("id"))
        let process = try await runProgram("/usr/bin/pgrep", ["-f", "run-task .*\(id)"]).output
        let pid = try #require(Int32(process.split(separator: "\n").first ?? ""))
        #expect(kill(pid, SIGKILL) == 0)
        try await eventually("that is known") { try await site.runs("Killed").first?.text("state") == "interrupted" }
        let left = try await runProgram("/usr/bin/pgrep", ["-f", "MUSTER_RUN=\(id)"]).output
        #expect(left.isEmpty)
    }
}
