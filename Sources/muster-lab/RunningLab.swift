import Foundation
import Glibc
import MusterLabKit

/// The lab that runs, for commands in other terminals: a file in /run, or the one MUSTER_LAB_FILE names.
struct RunningLab: Codable {
    let pid: Int32
    /// By name: the process that each machine runs under.
    let machines: [String: Int32]

    private static let file = ProcessInfo.processInfo.environment["MUSTER_LAB_FILE"] ?? "/run/muster-lab.json"

    init(_ lab: Lab, link: LabLink) {
        pid = getpid()
        machines = Dictionary(
            uniqueKeysWithValues: ([lab.server.host] + lab.devices.map(\.host)).compactMap { host in
                host.process.map { (host.name, $0) }
            })
    }

    /// Nil when none was kept.
    static var kept: RunningLab? {
        FileManager.default.contents(atPath: file).flatMap { try? JSONDecoder().decode(RunningLab.self, from: $0) }
    }

    var isRunning: Bool { Glibc.kill(pid, 0) == 0 }

    func keep() throws { try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: Self.file), options: .atomic) }

    static func forget() { unlink(file) }
}
