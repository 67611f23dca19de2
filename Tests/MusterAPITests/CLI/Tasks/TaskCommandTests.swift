import Foundation
import MusterAPI
import MusterModel
import MusterStore
import MusterTestKit
import Testing

@testable import MusterServer

/// `muster tasks` and `muster runs` against the real API.
struct TaskCommandTests {
    @Test func aTaskIsMadeShownEditedAndDeleted() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            _ = try await api.managedDevices("a")
            let muster = try MusterCommand(api)
            #expect(try await muster("tasks", "list").error.contains("There is no task."))
            let file = api.directory + "/script"
            try "#!/bin/sh\necho hello\n".write(toFile: file, atomically: true, encoding: .utf8)
            let made = try await muster(
                "tasks", "create", "Hello", "--application", "services", "--type", "script", "--set-file", "text=\(file)",
                "--group", "/", "--schedule", "daily 03:00", "--run-missed", "--random-delay", "10m", "--stop-after", "2h",
                "--output", "json"
            ).succeeded().object()
            #expect((made["settings"] as? [String: String])?["text"] == "#!/bin/sh\necho hello\n")
            #expect(made["schedule"] as? String == "daily 03:00" && made["stopAfterSeconds"] as? Int == 7200)
            let shown = try await muster("tasks", "show", "Hello").succeeded().output
            #expect(
                shown.contains("daily 03:00, missed runs are caught up on, random delay up to 10m, ended after 2h"), "\(shown)")
            let edited = try await muster(
                "tasks", "edit", "Hello", "--rename", "Hi", "--no-stop-after", "--device", "a"
            ).succeeded().output
            #expect(edited.contains("Hi") && !edited.contains("ended after") && edited.contains("device a ("), "\(edited)")
            #expect(try await muster("tasks", "list").succeeded().output.contains(/services +script +device a +/))
            #expect(try await muster("tasks", "delete", "Hi").succeeded().output.contains("Deleted"))
        }
    }

    @Test func devicesOfATaskAreNamedAndOneThatIsDeletedShowsItsId() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let devices = try await api.managedDevices("a", "b\u{1b}[31m")
            let muster = try MusterCommand(api)
            let made = try await muster.run(
                ["tasks", "create", "Look", "--application", "services", "--type", "look"]
                    + devices.flatMap { ["--device", $0.description] }
            ).succeeded().output
            #expect(made.contains("2 devices: a (\(devices[0])), b\\u{1b}[31m (\(devices[1]))"), "\(made)")
            #expect(try await muster("tasks", "list").succeeded().output.contains("2 devices "))
            let gone = try await muster("devices", "delete", "a").succeeded().output
            #expect(gone.contains("a (\(devices[0]))"), "\(gone)")
            let shown = try await muster("tasks", "show", "Look").succeeded().output
            #expect(shown.contains("2 devices: \(devices[0]), b\\u{1b}[31m (\(devices[1]))"), "\(shown)")
            try await muster("tasks", "edit", "Look", "--device", devices[1].description).succeeded()
            #expect(try await muster("tasks", "list").succeeded().output.contains("device b\\u{1b}[31m "))
        }
    }

    @Test func whatIsWrongIsSaidInTheWordsThatWereTyped() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let muster = try MusterCommand(api)
            func refusal(_ arguments: String...) async throws -> String {
                let result = try await muster.run(
                    ["tasks", "create", "T", "--application", "services", "--group", "/"] + arguments)
                #expect(result.status == 1, "\(arguments): \(result.output)")
                return result.error
            }
            let schedule = try await refusal("--type", "look", "--schedule", "dayly 03:00")
            #expect(schedule.contains("--schedule") && schedule.contains("daily"), "\(schedule)")
            let setting = try await refusal("--type", "look", "--set", "depth=99")
            #expect(setting.contains("depth: '99' is not allowed") && setting.contains("1…9"), "\(setting)")
            let long = try await refusal(
                "--type", "script", "--set", "text=" + String(repeating: "a", count: 70_000))
            #expect(long.contains("A text of 70000 bytes is not allowed") && long.contains("64 KiB"), "\(long)")
            let script = api.directory + "/nul"
            try "true\0".write(toFile: script, atomically: true, encoding: .utf8)
            let nul = try await refusal("--type", "script", "--set-file", "text=\(script)")
            #expect(nul.contains("A text with a NUL byte, its byte 5, is not allowed"), "\(nul)")
            let past = try await refusal("--type", "look", "--schedule", "once 2020-01-01 03:00")
            #expect(past.contains("--schedule") && past.contains("has passed everywhere"), "\(past)")
            let wait = try await refusal("--type", "look", "--expires", "400d")
            #expect(wait.contains("400d is not allowed"), "\(wait)")
            let secret = try await refusal("--type", "script", "--set", "text=true", "--set", "password=x")
            #expect(secret.contains("--secret password=FILE"), "\(secret)")
            let plain = try await refusal("--type", "script", "--secret", "text=/dev/null")
            #expect(plain.contains("may read tasks") && plain.contains("Give it as --set text=VALUE."), "\(plain)")
            let type = try await refusal("--type", "dance")
            #expect(type.contains("--type") && type.contains("look"), "\(type)")
        }
    }

    @Test func aNameThatIsNoneIsRefusedWithWhatIsWrongOfIt() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let muster = try MusterCommand(api)
            for (name, said) in [
                ("", "it is empty"), (String(repeating: "n", count: 300), "it has 300 bytes"), (" n", "spaces at its ends"),
                ("a\nb", "control characters"),
            ] {
                let refused = try await muster(
                    "tasks", "create", name, "--application", "services", "--type", "look", "--group", "/")
                #expect(refused.status == 1 && refused.error.contains("It is not a name: \(said)"), "\(refused.error)")
            }
        }
    }

    @Test func aChangeThatCannotBeIsRefused() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let muster = try MusterCommand(api)
            try await muster(
                "tasks", "create", "Look", "--application", "services", "--type", "look", "--group", "/", "--set", "depth=3"
            ).succeeded()
            let unknown = try await muster("tasks", "edit", "Look", "--unset", "nosuch")
            #expect(unknown.status == 1 && unknown.error.contains("nosuch: A task of the type look has no such setting"))
            let past = ["tasks", "edit", "Look", "--schedule", "once 2027-01-13 08:59"]
            #expect(try await muster.run(past).error.contains("has passed everywhere"))
            try await muster.run(past + ["--run-missed"]).succeeded()
            // As it is, it stays.
            try await muster("tasks", "edit", "Look", "--no-run-missed", "--unset", "depth", "--unset", "paths").succeeded()
            try await muster("tasks", "edit", "Look", "--schedule", "once 2027-01-14 09:00").succeeded()
        }
    }

    @Test(arguments: [
        (["tasks", "create", "T", "--application", "a", "--type", "b", "--group", "/", "--device", "d"], "only one of these"),
        (["tasks", "create", "T", "--application", "a", "--type", "b"], "Say whom it is for"),
        (["tasks", "edit", "T", "--group", "/", "--selection", "s"], "only one of these"),
        (["tasks", "edit", "T", "--set", "a=1", "--unset", "a"], "not both"),
        (["tasks", "run", "T", "--device", "d", "--all"], "only one of these"),
        (["tasks", "run", "T", "--timeout", "abc"], "as 90s, 15m, 1h30m or 7d"),
        (["tasks", "run-once", "--application", "a", "--type", "b", "--set", "c", "d"], "as packages=nginx,curl"),
    ])
    func aWrongLineIsRefusedInWords(_ arguments: [String], _ said: String) async throws {
        let refused = try await MusterCommand(home: "/nonexistent").run(arguments)
        #expect(refused.status == 64 && refused.error.contains(said), "\(refused.error)")
    }

    @Test func aRunIsFollowedReadAndStopped() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let devices = try await api.managedDevices("a", "b")
            let muster = try MusterCommand(api)
            try await muster(
                "tasks", "create", "Look", "--application", "services", "--type", "look", "--group", "/"
            ).succeeded()
            let late = try await muster("tasks", "run", "Look", "--wait", "--timeout", "1s")
            #expect(late.status == 3 && late.output.contains("Not ended yet: 2 of 2"), "\(late.output)")
            let task = try #require(try await api.store.fetchTasks().first)
            let runs = try await api.store.fetchRuns(.init(), limit: 10)
            let run = try #require(runs.first { $0.device == devices[0] })
            let end = RunReport.End(
                result: .failed, exitCode: 3, text: "it ended \u{1b}[31mbadly", duration: .seconds(75), outputBytes: 100)
            let report = RunReport(
                run: run.id, task: task.id, revision: 1, application: .services, type: "look", end: end)
            try await api.say([report], of: devices[0], from: 1)
            _ = try await api.store.storeRunOutput(
                RunOutput(bytes: Array("one\ntwo\u{1b}[2J\nlast".utf8), total: 100, cut: 4), of: run.id, device: devices[0])
            let list = try await muster("runs", "list", "--device", "a").succeeded().output
            #expect(list.contains("failed") && list.contains("1m15s") && list.contains("exit code 3"), "\(list)")
            #expect(!list.contains("\u{1b}"))
            let shown = try await muster("runs", "show", run.id.description).succeeded().output
            #expect(shown.contains("order, administrator ("), "by the token's name: \(shown)")
            let output = try await muster("runs", "output", run.id.description).succeeded().output
            #expect(output.hasPrefix("one\n[… ") && output.contains("bytes were left out …]\ntwo\\u{1b}[2J\nlast\n"), "\(output)")
            let watched = try await muster("runs", "watch", run.id.description)
            #expect(watched.status == 4 && watched.output.contains("a: failed: it ended"), "\(watched.output)")
            let other = try #require(runs.first { $0.device == devices[1] })
            #expect(
                try await muster("runs", "stop", String(other.id.description.prefix(8))).succeeded().output.contains("cancelled"))
            #expect(try await muster("tasks", "runs", "Look", "--state", "cancelled").succeeded().output.contains("b"))
        }
    }
}
