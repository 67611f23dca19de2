import Foundation
import Glibc
package import MusterTestKit
import Synchronization

/// A booted Debian with systemd, logind and D-Bus in a network of its own: a device, or the server's machine.
package final class LabHost: Sendable {
    private struct State {
        /// What runs systemd-nspawn; nil before the first boot.
        var machine: RunningProgram?
        var place: LabPlace
        var number: Int
    }

    package let name: String
    private let keeper: LabKeeper
    private let packages: String
    private let state: Mutex<State>

    init(_ name: String, place: LabPlace, number: Int, keeper: LabKeeper, packages: String) {
        self.name = name
        self.keeper = keeper
        self.packages = packages
        state = Mutex(State(place: place, number: number))
    }

    package var place: LabPlace { state.withLock { $0.place } }
    /// Its own, as it knows it itself.
    package var address: String { state.withLock { $0.place.address($0.number) } }
    /// What its networks's servers see it as.
    package var addressOutside: String { place.isTranslated ? place.outside : address }
    /// Whether it is switched on.
    package var isOn: Bool { process != nil }
    /// What it runs under; nil when it is off.
    package var process: Int32? { state.withLock { $0.machine }.flatMap { $0.isRunning ? $0.pid : nil } }
    /// What it wrote to its console, over all boots.
    package var console: String { LabFile.text(logFile) }

    private var logFile: String { "\(keeper.directory)/\(name).log" }
    private var directory: String { "\(keeper.directory)/hosts/\(name)" }

    // MARK: Power

    /// Switches it on and waits until its systemd says that all is started, which takes a second.
    package func boot() async throws {
        guard !isOn else { return }
        try await plug()
        let started = try RunningProgram(keeper.order(bootScript, log: logFile))
        state.withLock { $0.machine = started }
        try await waitUntilUp()
    }

    /// Waits until it has booted.
    package func waitUntilUp() async throws {
        try await eventually("\(name) is up", within: .seconds(60), state: { String(self.console.suffix(4000)) }) {
            guard self.isOn else { throw FixtureError(description: "\(self.name) is off") }
            // Running, or degraded: something could not start, as in containers happens.
            let result = try await self.run("systemctl is-system-running --wait", within: .seconds(30))
            return ["running", "degraded"].contains(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    /// `systemctl poweroff`, and waits until it is off.
    package func powerOff() async throws {
        // What asks may be gone before it is answered.
        _ = try? await run("systemctl poweroff")
        try await waitUntilOff()
    }

    package func waitUntilOff() async throws {
        try await eventually("\(name) is off", within: .seconds(120), state: { String(self.console.suffix(4000)) }) { !self.isOn }
    }

    /// `systemctl reboot`, and waits until it is up again.
    package func reboot() async throws {
        let before = try leader()
        _ = try? await run("systemctl reboot")
        try await eventually("\(name) has gone down", within: .seconds(120), state: { String(self.console.suffix(4000)) }) {
            guard self.isOn else { throw FixtureError(description: "\(self.name) is off") }
            return try self.leader() != before
        }
        try await waitUntilUp()
    }

    /// As if the plug was pulled: nobody is told, not even by the packets that end connections. What was not yet on disk is kept all the
    /// same, since it is the same kernel: that needs tests of its own.
    package func cutPower() async throws {
        let leader = try leader()
        try await keeper.run(LabWiring.unplug(name))
        kill(leader, SIGKILL)
        try await waitUntilOff()
    }

    /// Its systemd answers nobody any more, until `thawSystemd`; all that it started goes on.
    package func freezeSystemd() throws { kill(try leader(), SIGSTOP) }

    package func thawSystemd() throws { kill(try leader(), SIGCONT) }

    // MARK: Commands

    /// Runs a shell command on it, as root.
    /// - Throws: when it is off, or the command did not end in time. A command that failed is a result.
    @discardableResult
    package func run(_ command: String, within bound: Duration = .seconds(180)) async throws -> CommandResult {
        try await runProgram(
            ProgramPath.ofSystem("nsenter"), try entering() + ["/bin/sh", "-c", command], environment: Self.environment,
            within: bound)
    }

    /// What enters it: arguments of `nsenter`.
    package func entering() throws -> [String] { Self.entering(try leader()) }

    /// The same, for another process: of a machine that runs under this one.
    package static func entering(under process: Int32) throws -> [String] { entering(try leader(under: process)) }

    /// In the machine's own `/root`: a folder outside has no name in it, of which shells complain.
    private static func entering(_ leader: Int32) -> [String] { ["-t", "\(leader)", "-a", "--wdns=/root"] }

    /// Of a root's login shell.
    package static let environment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "SHELL": "/bin/bash",
        "TERM": "dumb",
    ]

    /// Writes a file on it, whether it is on or off.
    package func write(_ text: String, to path: String, mode: Int = 0o644) throws {
        try LabFile.write(text, to: keeper.outside("\(directory)/root\(path)"), mode: mode)
    }

    /// What a file on it holds.
    package func read(_ path: String) -> String { LabFile.text(keeper.outside("\(directory)/root\(path)")) }

    /// Carries a file from this machine to another, as a memory stick would.
    package func carry(_ path: String, to other: LabHost) throws {
        let (from, to) = (keeper.outside("\(directory)/root\(path)"), keeper.outside("\(other.directory)/root\(path)"))
        try? FileManager.default.removeItem(atPath: to)
        try FileManager.default.copyItem(atPath: from, toPath: to)
    }

    /// Brings a directory of this machine, not of the device's, to a place where nothing is.
    package func bring(_ directory: String, to path: String) throws {
        try FileManager.default.copyItem(atPath: directory, toPath: keeper.outside("\(self.directory)/root\(path)"))
    }

    /// Starts a program of this machine, not of the device's, in the device's network.
    package func start(_ program: String, _ arguments: [String], log: String) throws -> RunningProgram {
        let words = (["exec", "ip", "netns", "exec", name, program] + arguments).map(LabFile.quoted).joined(separator: " ")
        return try RunningProgram(keeper.order(words, log: log))
    }

    // MARK: Network

    /// Carries it to another network while it is on; its old connections hear nothing of it.
    package func move(to place: LabPlace) async throws {
        state.withLock { $0.place = place }
        try await plug()
    }

    /// Gives it another address in the network it is in, as a new lease would.
    package func changeAddress() async throws {
        let (place, number) = state.withLock { state in
            state.number += 100
            return (state.place, state.number)
        }
        try await keeper.run(LabWiring.address(of: name, in: place, number: number))
    }

    /// Pulls its network cable.
    package func unplug() async throws { try await keeper.run(LabWiring.unplug(name)) }

    /// Puts it back.
    package func plug() async throws {
        let (place, number) = state.withLock { ($0.place, $0.number) }
        try await keeper.run(LabWiring.unplug(name) + LabWiring.plug(name, into: place, number: number))
    }

    // MARK: Making

    /// Its disk: what it writes, over the base; and its network, connected to nothing.
    func make(over base: String) async throws {
        try await keeper.run(
            LabWiring.host(name) + """
                mkdir -p \(directory)/upper \(directory)/work \(directory)/root
                mount -t overlay overlay -o lowerdir=\(base),upperdir=\(directory)/upper,workdir=\(directory)/work \(directory)/root
                """)
        try write("\(name)\n", to: "/etc/hostname")
        try write("127.0.0.1 localhost\n127.0.1.1 \(name)\n", to: "/etc/hosts")
        try write("nameserver \(LabPlan.internet)\noptions timeout:1 attempts:5\n", to: "/etc/resolv.conf")
    }

    /// Boots it again as often as it reboots: systemd-nspawn says so with 133. Its services may change its network: it has one of its own.
    private var bootScript: String {
        let nspawn = [
            "systemd-nspawn", "--quiet", "--boot", "--machine=\(name)", "--directory=\(directory)/root",
            "--network-namespace-path=/run/netns/\(name)", "--register=no", "--keep-unit", "--console=pipe",
            "--capability=CAP_NET_ADMIN",
            // A scanner watches what is opened, which nspawn lets no machine do: here nobody else is disturbed by it.
            "--system-call-filter=fanotify_init fanotify_mark",
            "--bind-ro=\(packages):\(LabPackages.inside)", "--resolv-conf=off", "--timezone=off", "--link-journal=no",
        ]
        let command = nspawn.map(LabFile.quoted).joined(separator: " ")
        return """
            \(keeper.entering(group: name))
            while :; do
              status=0
              \(command) || status=$?
              [ $status -eq 133 ] || exit $status
            done
            """
    }

    /// Its first process, as seen from outside.
    private func leader() throws -> Int32 {
        guard let process else { throw FixtureError(description: "\(name) is off: \(console.suffix(2000))") }
        return try Self.leader(under: process)
    }

    /// Found under what started it, by being the first of its own.
    private static func leader(under process: Int32) throws -> Int32 {
        var layer = [process]
        for _ in 1...4 {
            layer = layer.flatMap(LabKeeper.children)
            if let first = layer.first(where: isFirstOfItsOwn) { return first }
        }
        throw FixtureError(description: "the machine is starting")
    }

    /// Its namespaces: this machine's, the lab's and its own.
    private static func isFirstOfItsOwn(_ pid: Int32) -> Bool {
        let line = LabFile.text("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("NSpid:") }
        let numbers = line?.split(whereSeparator: \.isWhitespace).dropFirst() ?? []
        return numbers.count >= 3 && numbers.last == "1"
    }
}
