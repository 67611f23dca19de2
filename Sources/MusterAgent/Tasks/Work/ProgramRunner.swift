import Glibc
import NIOPosix
import Synchronization

/// Runs the programs of one run of a task: each in a session of its own, with what it says in the order in which it says it, and with nothing
/// of it left behind at its end.
final class ProgramRunner: Sendable {
    typealias Sink = @Sendable (UnsafeRawBufferPointer) -> Void

    /// What every program of a task finds in its environment: which run it belongs to, and that it is the N-th program of it.
    static let mark = "MUSTER_RUN"
    private static let directories = ["/usr/local/sbin", "/usr/local/bin"] + SystemProgram.standardDirectories
    private static let setpriv = "/usr/bin/setpriv"

    /// Each program takes a thread as long as it runs: apart from the others' pool. A task runs one, seldom two at a time.
    private static let threads = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    private let name: String
    private let grace: Duration
    private let output: Sink
    private let count = Atomic(0)

    /// - Parameters:
    ///   - name: of the run, the only one of this name on the device.
    ///   - grace: between being asked to end and being ended.
    ///   - output: hears what is shown, on another thread, one call after the other for each program.
    init(name: String, grace: Duration = .seconds(5), output: @escaping Sink) {
        self.name = name
        self.grace = grace
        self.output = output
    }

    func run(_ program: TaskProgram) async -> TaskProgram.End {
        let call = ProgramCall()
        let end = await withTaskCancellationHandler {
            try? await Self.threads.runIfActive { self.run(program, call) }
        } onCancel: {
            call.cancel()
        }
        return end ?? .cancelled
    }

    private func run(_ program: TaskProgram, _ call: ProgramCall) -> TaskProgram.End {
        if call.isCancelled { return .cancelled }
        do {
            return try started(program).wait(limit: program.limit, grace: grace, call)
        } catch {
            return .notStarted(error.text)
        }
    }

    private func started(_ program: TaskProgram) throws(ProgramFault) -> ProgramCourse {
        try check(program)
        guard let output = ProcessPipe() else { throw .noDescriptor }
        let status = program.status == nil ? nil : ProcessPipe()
        if program.status != nil && status == nil { throw .noDescriptor }
        let input = try ProgramInput(program.input)
        defer { input?.close() }
        let mark = "\(Self.mark)=\(name)/\(count.add(1, ordering: .relaxed).newValue)"
        let (commandLine, environment) = try commandLine(program)
        let answers = program.isStatusOnStandardOutput ? status?.writing : nil
        let start = ProcessStart(
            commandLine: commandLine, environment: [mark] + environment, separation: .session, directory: program.directory,
            input: input?.descriptor, output: answers ?? output.writing, error: output.writing,
            status: answers == nil ? status?.writing : nil)
        do {
            let child = try start.start()
            return ProgramCourse(program, child, mark: mark, output: output, status: status, shown: self.output)
        } catch {
            throw ProgramFault(program.path, error.number)
        }
    }

    /// What `posix_spawn` would say with one number for all of them.
    private func check(_ program: TaskProgram) throws(ProgramFault) {
        let texts = [program.path, program.directory] + program.arguments + program.environment.map { "\($0)=\($1)" }
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw ProgramFault("an argument or a variable has a zero byte in it, which no program can be given")
        }
        guard (try? FileStatus(program.directory, followingLinks: true))?.kind == .directory else {
            throw ProgramFault("the directory \(program.directory) is not there")
        }
        guard access(program.path, X_OK) == 0 else { throw ProgramFault(program.path, errno) }
    }

    private func commandLine(_ program: TaskProgram) throws(ProgramFault) -> (commandLine: [String], environment: [String]) {
        let own = SystemUser.current
        var commandLine = [program.path] + program.arguments
        var user = own
        if let name = program.user, name != own?.name {
            guard let other = SystemUser(named: name) else { throw ProgramFault("this device has no user '\(name)'") }
            guard access(Self.setpriv, X_OK) == 0 else { throw ProgramFault(Self.setpriv, errno) }
            let options = ["--reuid=\(other.id)", "--regid=\(other.group)", "--init-groups", "--"]
            commandLine = [Self.setpriv] + options + commandLine
            user = other
        }
        let standard = [
            "PATH": Self.directories.joined(separator: ":"), "LC_ALL": "C.UTF-8", "HOME": user?.home ?? "/",
            "USER": user?.name ?? "", "LOGNAME": user?.name ?? "", "SHELL": user?.shell ?? "/bin/sh",
        ]
        let variables = standard.merging(program.environment) { $1 }.filter { $0.key != Self.mark }
        return (commandLine, variables.map { "\($0)=\($1)" }.sorted())
    }
}

/// Why a program could not be started, for people.
struct ProgramFault: Error, Hashable, Sendable {
    static let noDescriptor = ProgramFault("too many files are open on this device, or in this process")

    let text: String

    init(_ text: String) { self.text = text }

    init(_ path: String, _ number: Int32) {
        text =
            switch number {
            case ENOENT: "\(path) is not there, or the interpreter named in its first line is not"
            case EACCES: "\(path) is not executable"
            case ENOEXEC: "\(path) is no program: a script needs a first line as #!/bin/sh"
            case E2BIG: "its arguments and variables are longer than the system takes"
            default: "\(path): \(SystemCall.text(of: number))"
            }
    }
}
