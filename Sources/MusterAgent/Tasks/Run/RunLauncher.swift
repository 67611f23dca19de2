import Glibc
import MusterModel

/// Starts the process of a run apart from the agent, so that it goes on when the agent ends: in a transient unit of systemd's, which also
/// ends all that it left behind; without systemd in a session of its own.
struct RunLauncher: Sendable {
    private static let slice = "muster-tasks.slice"
    /// systemd answers within a second, also while the device starts.
    private static let patience = Duration.seconds(30)

    let program: SystemProgram
    let root: RootPath
    /// This program, also when a newer version has taken its place on the disk.
    let executable: String

    init(program: SystemProgram, root: RootPath, executable: String? = nil) {
        self.program = program
        self.root = root
        self.executable = executable ?? Self.own
    }

    /// - Returns: false when it could not be started; it is tried again.
    func launch(_ run: RunID, in folder: RunFolder) async -> Bool {
        let command = [executable, "run-task", folder.path]
        if hasSystemd {
            let unit = "muster-task-\(run)"
            return await program.run(
                "systemd-run",
                [
                    "--quiet", "--collect", "--unit=\(unit)", "--slice=\(Self.slice)", "--description=Muster task \(run)",
                    "--property=KillMode=mixed", "--property=TimeoutStopSec=15s", "--property=OOMPolicy=continue",
                ] + command, within: Self.patience)?.isSuccess ?? false
        }
        // What it is started with ends when nobody holds its output any more.
        let silent = ["/bin/sh", "-c", "exec \"$0\" \"$@\" >/dev/null 2>&1"]
        return await program.run("setsid", ["--fork"] + silent + command, within: Self.patience)?.isSuccess ?? false
    }

    private var hasSystemd: Bool {
        (try? FileStatus(root.path("run/systemd/system")))?.kind == .directory && program.isThere("systemd-run")
    }

    private static var own: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return "/usr/bin/muster-agent" }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // So the kernel calls a file that was replaced.
        return path.hasSuffix(" (deleted)") ? String(path.dropLast(10)) : path
    }
}
