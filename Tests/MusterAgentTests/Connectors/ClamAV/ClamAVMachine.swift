import Glibc
import Testing

@testable import MusterAgent

/// A device with ClamAV's folders and files, whose programs and clamd are as a test says.
struct ClamAVMachine {
    let programs: FakePrograms
    /// Where the device's root is.
    let root: String

    /// - Parameter configuration: further lines of `clamd.conf`.
    init(_ configuration: String, hasSystemd: Bool = false) throws {
        programs = try FakePrograms()
        root = programs.file("root")
        for folder in ["", "/etc", "/etc/clamav", "/log", "/db", "/muster", "/files"] { try makeFolder(folder) }
        if hasSystemd { try addSystemd() }
        try programs.write(
            "root/etc/clamav/clamd.conf",
            "# mine\nLocalSocket \(socket)\nLogFile \(root)/log/clamd.log\n\(configuration)")
        try programs.write("root/etc/clamav/freshclam.conf", "Checks 24\n")
        try programs.add("clamd", "case $* in *--version) echo 'ClamAV 1.4.6/27500/Wed Nov 25 09:30:00 2026';; esac")
        try programs.write("asked", "")
    }

    var socket: String { "\(root)/clamd.ctl" }

    /// Without patience: what does not run is told at once.
    func connector() -> ClamAVConnector {
        ClamAVConnector(directory: "\(root)/muster", program: programs.system, root: RootPath(root), patience: .zero)
    }

    func makeFolder(_ path: String) throws { try #require(mkdir(root + path, 0o755) == 0) }

    func addSystemd() throws {
        for folder in ["/run", "/run/systemd", "/run/systemd/system"] { try makeFolder(folder) }
    }

    func text(_ path: String) -> String { String(decoding: SystemCall.contents(of: root + path) ?? [], as: UTF8.self) }

    /// Answers `show` with this script, and does nothing else it is asked to.
    func systemdSays(_ script: String = "") throws {
        try programs.add("systemctl", "echo \"$*\" >>\(programs.file("asked"))\n[ $1 = show ] || exit 0\n\(script)")
    }

    /// What systemctl was asked to do, without what it was asked to show.
    var orders: [String] {
        String(decoding: SystemCall.contents(of: programs.file("asked")) ?? [], as: UTF8.self)
            .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("show") }
    }
}
