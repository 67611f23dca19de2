import ArgumentParser
import Foundation
import Glibc
import MusterLabKit
import MusterTestKit

/// `muster-lab shell NAME`: a root shell on a machine of the running lab.
struct ShellCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell", abstract: "A root shell on a machine of the running lab.")

    @Argument(help: "The machine: muster, or a device.")
    var name: String

    func run() throws { try LabEntrance.enter(name, ["/bin/bash", "-l"]) }
}

/// `muster-lab run NAME COMMAND…`: a command on a machine of the running lab.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a command on a machine of the running lab.")

    @Argument(help: "The machine: muster, or a device.")
    var name: String

    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
    var command: [String]

    func run() throws { try LabEntrance.enter(name, command) }
}

/// The way into a machine of a lab that another process runs.
enum LabEntrance {
    /// Becomes that program.
    static func enter(_ name: String, _ command: [String]) throws -> Never {
        guard let lab = RunningLab.kept, lab.isRunning else {
            throw ValidationError("no lab is running: start one with make lab")
        }
        guard let process = lab.machines[name] else {
            throw ValidationError("no machine \(name) is on; on are: \(lab.machines.keys.sorted().joined(separator: ", "))")
        }
        let terminal = ProcessInfo.processInfo.environment["TERM"] ?? "dumb"
        let words = [try ProgramPath.ofSystem("nsenter")] + (try LabHost.entering(under: process)) + command
        let environment = LabHost.environment.merging(["TERM": terminal]) { $1 }.map { "\($0)=\($1)" }
        execve(words[0], words.map { strdup($0) } + [nil], environment.map { strdup($0) } + [nil])
        throw ValidationError("\(words[0]): \(String(cString: strerror(errno)))")
    }
}
