import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// What tasks do on booted Debian systems, ordered from the server, with the real systemd, apt and dpkg.
@Suite(.needsRoot, .oneAtATime)
struct TaskWorkTests {
    @Test func aScriptThatForksFloodsAndIgnoresSignalsIsEndedWhole() async throws {
        try await withWorkplace { place in
            try place.server.host.write(
                """
                trap '' TERM
                setsid sh -c 'trap "" TERM; while :; do sleep 1; done' sh left-behind &
                env -i /usr/bin/setsid /bin/sh -c 'sleep 7777' sh left-behind >/dev/null 2>&1 &
                head -c 1073741824 /dev/zero | tr '\\0' x
                echo
                echo all of it is said
                sleep 3600

                """, to: "/root/wild.sh")
            let run = try await place.run("scripts", "run", "--set-file", "text=/root/wild.sh", "--set", "time-limit=30s")
            #expect(run.text("state") == "timed-out" && run.text("code") == "timedOut", "\(run)")
            #expect((run.number("outputBytes") ?? 0) > 1 << 30)
            let output = try await place.output(of: run)
            #expect(output.contains("all of it is said") && output.utf8.count < 100 * 1024)
            try await eventually("nothing of it is left") {
                try await place.device.run("pgrep -f '[l]eft-behind'; pgrep -f '[s]leep 7777'; ls /run | grep muster-script")
                    .output
                    == ""
            }
            #expect(try await place.device.run("systemctl list-units --no-legend 'muster-task-*'").output == "")
        }
    }

    @Test func aScriptRunsAsItIsTold() async throws {
        try await withWorkplace { place in
            try place.server.host.write("#!/bin/bash\nid -un; pwd; echo \"$COLOUR $1\" >&2; exit 7\n", to: "/root/told.sh")
            let run = try await place.run(
                "scripts", "run", "--set-file", "text=/root/told.sh", "--set", "user=daemon", "--set", "directory=/usr/share",
                "--set", "environment=COLOUR=blue", "--set", "arguments=sky")
            #expect(run.text("state") == "failed" && run.number("exitCode") == 7 && run.text("code") == "exitCode", "\(run)")
            #expect(try await place.output(of: run) == "daemon\n/usr/share\nblue sky\n")
        }
    }

    @Test func packagesAreInstalledUpgradedAndRemoved() async throws {
        try await withWorkplace { place in
            try await place.device.run(LabRepository.ofWeather).succeeded()
            try await place.succeeds("apt", "refresh-lists")
            try await place.succeeds("apt", "install", "--set", "packages=weather=1.0", figures: ["installed": 1])
            #expect(try await place.version(of: "weather") == "1.0")
            let unknown = try await place.run("apt", "install", "--set", "packages=weathe.")
            #expect(unknown.text("state") == "failed" && unknown.text("code") == "unknownPackage", "\(unknown)")
            try await place.device.run("apt-mark hold weather").succeeded()
            let held = try await place.run("apt", "install", "--set", "packages=weather=1.1")
            #expect(held.text("code") == "heldPackages", "\(held)")
            try await place.device.run("apt-mark unhold weather").succeeded()
            try await place.succeeds("apt", "upgrade", "--set", "which=security", figures: ["upgraded": 1])
            #expect(try await place.version(of: "weather") == "1.1")
            try await place.succeeds("apt", "remove", "--set", "packages=weather", "--set", "purge=on", figures: ["removed": 1])
            #expect(try await place.version(of: "weather") == "")
        }
    }

    /// The agent is replaced and started anew under the run.
    @Test func aTaskThatUpgradesTheAgentEndsWell() async throws {
        try await withWorkplace { place in
            try await place.device.run(LabRepository.ofNewerAgent).succeeded()
            try await place.succeeds("apt", "install", "--set", "packages=muster-agent", figures: ["upgraded": 1])
            #expect(try await place.version(of: "muster-agent") == "9.0")
            for type in ["task-started", "task-finished"] {
                #expect(try await place.server.events(type, of: place.id).count == 1, "\(type)")
            }
        }
    }

    @Test func unitsAreStartedStoppedAndRestarted() async throws {
        try await withWorkplace { place in
            for name in ["steady", "weak"] {
                let command = name == "weak" ? "/bin/false" : "/bin/sleep infinity"
                try place.device.host.write(
                    "[Service]\nType=\(name == "weak" ? "oneshot" : "exec")\nExecStart=\(command)\n",
                    to: "/etc/systemd/system/\(name).service")
            }
            try await place.device.run("systemctl daemon-reload").succeeded()
            func process() async throws -> String {
                try await place.device.run("systemctl show --value -p MainPID steady").output
            }
            try await place.succeeds("services", "start", "--set", "units=steady.service")
            let first = try await process()
            try await place.succeeds("services", "restart", "--set", "units=steady.service")
            let second = try await process()
            #expect(first != "0\n" && second != "0\n" && first != second)
            let failed = try await place.run("services", "start", "--set", "units=steady.service,weak.service,nowhere.service")
            #expect(failed.text("state") == "failed" && failed.text("code") == "unitFailed", "\(failed)")
            #expect(
                failed.text("text")?.hasPrefix("2 of 3 failed: weak.service (exit code 1), nowhere.service (not found)") == true)
            try await place.succeeds("services", "stop", "--set", "units=steady.service")
            #expect(try await process() == "0\n")
            let agent = try await place.run("services", "stop", "--set", "units=muster-agent.service")
            #expect(agent.text("code") == "notAllowed")
        }
    }

    @Test func theDeviceRestarts() async throws {
        try await withWorkplace { place in
            try await place.device.run("touch /run/before").succeeded()
            try await place.succeeds("device", "restart", "--set", "message=Save your work")
            try await eventually("it was restarted") {
                try await place.device.run("test -e /run/before; echo $?; systemctl is-active muster-agent").output
                    == "1\nactive\n"
            }
        }
    }

    @Test func whatTheOwnerForbidsIsRefused() async throws {
        try await withWorkplace { place in
            try await place.device.run("install -d -m 0755 /etc/muster").succeeded()
            try place.device.host.write(#"{"forbid": {"tasks": ["apt/remove"]}}"#, to: "/etc/muster/agent.conf")
            try await eventually("the agent has read it") {
                try await place.device.run("muster-agent status").output.contains("tasks apt/remove")
            }
            let refused = try await place.run("apt", "remove", "--set", "packages=base-files")
            #expect(refused.text("state") == "refused" && refused.text("code") == "ceiling", "\(refused)")
            try await place.succeeds("device", "shut-down", "--set", "delay=5h")
            try await place.device.run("shutdown -c").succeeded()
        }
    }
}
