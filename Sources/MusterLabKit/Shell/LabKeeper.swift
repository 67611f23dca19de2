import Foundation
import Glibc
import MusterTestKit

/// The process that everything of a lab lives under: it has namespaces of its own for mounts, processes and networks, so that the kernel
/// takes all of it away when it ends. It ends with this value, and with the tests, however they end.
///
/// What is left then is an empty directory in /tmp and empty control groups, both named after the tests' process; `sweep` takes those of
/// processes that are gone.
final class LabKeeper: Sendable {
    /// Inside: a file system in memory, at most 8 GiB, that only processes of the lab see by this name.
    let directory: String
    /// Of this lab; one of its own for each host under it, since systemd believes its group to be the root of all.
    private let name: String
    private let program: RunningProgram
    /// The first process inside, as seen from outside.
    private let inside: Int32

    init() async throws {
        Self.sweep()
        name = "\(Self.prefix)\(getpid())-\(UInt32.random(in: 0...0xffff_ffff))"
        directory = "/tmp/\(name)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let script = """
            set -e
            mount -t tmpfs -o mode=755,size=8g muster-lab \(directory)
            mkdir -p /run/netns
            mount -t tmpfs muster-lab /run/netns
            ip link set lo up
            mkdir \(directory)/hosts \(directory)/names
            touch \(directory)/ready
            while :; do sleep 3600 & wait $!; done
            """
        program = try RunningProgram(
            ProgramPath.ofSystem("unshare"),
            ["--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script],
            log: "\(directory)/keeper.log")
        let (program, directory) = (program, directory)
        inside = try await eventual("the lab's namespaces are there", within: .seconds(30)) {
            guard program.isRunning else { throw FixtureError(description: "no lab: \(program.log)") }
            let first = Self.children(of: program.pid).first
            return first.flatMap { FileManager.default.fileExists(atPath: "/proc/\($0)/root\(directory)/ready") ? $0 : nil }
        }
    }

    deinit { end() }

    /// Ends all of it and waits until it is gone.
    func end() {
        program.signal(SIGKILL)
        let deadline = ContinuousClock.now + .seconds(10)
        while program.isRunning, ContinuousClock.now < deadline { usleep(10_000) }
        Self.removeGroups(name)
        Self.removeDirectory(directory)
    }

    /// A path inside, as processes outside see it.
    func outside(_ path: String) -> String { "/proc/\(inside)/root\(path)" }

    /// What to start for a script to run inside.
    func order(_ script: String, log: String) throws -> ProgramOrder {
        try ProgramOrder(ProgramPath.ofSystem("nsenter"), entering + ["sh", "-e", "-c", script], log: log)
    }

    /// Runs a script inside to its end.
    @discardableResult
    func run(_ script: String, within bound: Duration = .seconds(180)) async throws -> CommandResult {
        try await runProgram(ProgramPath.ofSystem("nsenter"), entering + ["sh", "-e", "-c", script], within: bound).succeeded()
    }

    private var entering: [String] { ["-t", "\(inside)", "--mount", "--pid", "--net", "--ipc", "--uts", "--wd=/"] }

    /// Lines of a script that put its shell into a control group of its own.
    func entering(group: String) -> String {
        Self.hierarchies.map { "mkdir -p \($0)/\(name)/\(group); echo $$ >\($0)/\(name)/\(group)/cgroup.procs\n" }.joined()
    }
}

/// What of labs can be left behind, and is taken away.
extension LabKeeper {
    private static let prefix = "muster-lab-"

    /// Where control groups are: version 2, or systemd's part of version 1.
    private static var hierarchies: [String] {
        let root = "/sys/fs/cgroup"
        if FileManager.default.fileExists(atPath: "\(root)/cgroup.procs") { return [root] }
        return ["\(root)/systemd", "\(root)/unified"].filter { FileManager.default.fileExists(atPath: "\($0)/cgroup.procs") }
    }

    /// Takes what processes left that are gone: their labs went with them.
    private static func sweep() {
        for name in names(in: "/tmp") where isDead(name) { removeDirectory("/tmp/\(name)") }
        for hierarchy in hierarchies { for name in names(in: hierarchy) where isDead(name) { removeGroups(name) } }
    }

    private static func isDead(_ name: String) -> Bool {
        guard name.hasPrefix(prefix), let pid = Int32(name.dropFirst(prefix.count).prefix { $0 != "-" }) else { return false }
        return Glibc.kill(pid, 0) != 0 && errno == ESRCH
    }

    /// From the leaves up; a group cannot be removed in the moments its last process ends.
    private static func removeGroups(_ name: String) {
        for hierarchy in hierarchies {
            let root = "\(hierarchy)/\(name)"
            for _ in 1...100 where FileManager.default.fileExists(atPath: root) {
                removeTree(root)
                if FileManager.default.fileExists(atPath: root) { usleep(20_000) }
            }
        }
    }

    private static func removeTree(_ group: String) {
        for name in names(in: group) {
            var status = stat()
            if lstat("\(group)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR { removeTree("\(group)/\(name)") }
        }
        rmdir(group)
    }

    private static func removeDirectory(_ path: String) {
        unlink("\(path)/keeper.log")
        for name in names(in: path) where name.hasSuffix(".log") { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    private static func names(in directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    }

    static func children(of pid: Int32) -> [Int32] {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { Int32($0) }
    }
}
