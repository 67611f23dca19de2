import CProcess
import Glibc

/// A program about to be started: by `posix_spawn`, so that nothing of ours is half copied; with no descriptor of ours but those named, and no
/// signal blocked or ignored.
struct ProcessStart {
    /// What is apart from our own process.
    enum Separation {
        /// A process group.
        case group
        /// A session, which is a group as well, without a terminal.
        case session
    }

    /// Why it did not start: a number of `errno.h`.
    struct Failure: Error { let number: Int32 }

    /// Ends of pipes are this or higher, so that putting one to its place overwrites no other.
    static let lowestDescriptor: Int32 = 10

    var commandLine: [String]
    /// `NAME=value`.
    var environment: [String]
    var separation = Separation.group
    var directory: String?
    /// Nil: it reads nothing.
    var input: Int32?
    var output: Int32
    var error: Int32
    /// What it has as descriptor 3; nil: nothing.
    var status: Int32?

    func start() throws(Failure) -> ChildProcess {
        var attributes = posix_spawnattr_t()
        var actions = posix_spawn_file_actions_t()
        posix_spawnattr_init(&attributes)
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        set(&attributes)
        set(&actions)
        var arguments: [UnsafeMutablePointer<CChar>?] = commandLine.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var pid: pid_t = 0
        let number = posix_spawn(&pid, commandLine.first ?? "", &actions, &attributes, &arguments, &variables)
        guard number == 0 else { throw Failure(number: number) }
        return ChildProcess(pid: pid)
    }

    private func set(_ attributes: inout posix_spawnattr_t) {
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let apart = separation == .session ? muster_spawn_setsid() : Int16(POSIX_SPAWN_SETPGROUP)
        posix_spawnattr_setflags(&attributes, apart | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    }

    private func set(_ actions: inout posix_spawn_file_actions_t) {
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        if let status { posix_spawn_file_actions_adddup2(&actions, status, 3) }
        muster_spawn_add_closefrom(&actions, status == nil ? 3 : 4)
        if let directory { muster_spawn_add_chdir(&actions, directory) }
    }
}
