import Foundation
import Glibc

/// Starts a process: a group of its own, no descriptor of the tests' but its three, no signal blocked or ignored.
struct ProgramSpawn {
    private var attributes = posix_spawnattr_t()
    private var actions = posix_spawn_file_actions_t()

    /// - Returns: its process id, which is its group's too.
    static func start(_ order: ProgramOrder) throws -> pid_t {
        let commandLine = try order.commandLine()
        var spawn = ProgramSpawn()
        posix_spawnattr_init(&spawn.attributes)
        posix_spawn_file_actions_init(&spawn.actions)
        defer {
            posix_spawnattr_destroy(&spawn.attributes)
            posix_spawn_file_actions_destroy(&spawn.actions)
        }
        spawn.setSignals()
        spawn.setFiles(order)
        return try spawn.run(commandLine, order.variables)
    }

    private mutating func setSignals() {
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var ordinary = none
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2] { sigaddset(&ordinary, signal) }
        posix_spawnattr_setsigdefault(&attributes, &ordinary)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    }

    private mutating func setFiles(_ order: ProgramOrder) {
        let adding = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, order.input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, order.output, adding, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, order.error, adding, 0o600)
        for descriptor in Self.openDescriptors where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
    }

    private static var openDescriptors: [Int32] {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.compactMap { Int32($0) } ?? []
    }

    private mutating func run(_ commandLine: [String], _ variables: [String]) throws -> pid_t {
        var arguments: [UnsafeMutablePointer<CChar>?] = commandLine.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, commandLine[0], &actions, &attributes, &arguments, &environment)
        guard result == 0 else {
            throw FixtureError(
                description: "\(commandLine.joined(separator: " ")) did not start: \(String(cString: strerror(result)))")
        }
        return pid
    }
}
