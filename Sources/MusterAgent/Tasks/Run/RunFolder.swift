import FoundationEssentials
import Glibc
import MusterModel

/// The folder of one run: how the agent and the process of the run know of each other. The agent makes it and takes it away; the process
/// writes into it. Both may be of different versions, and either may have been killed at any moment.
struct RunFolder: Sendable {
    /// Of all runs, in the state directory.
    static let parent = "runs"
    /// A script and its arguments in JSON's arrays of numbers take four times their size.
    private static let longestOrder = 2 * 1024 * 1024
    private static let longestFile = 64 * 1024
    /// What is read of the events at once: some hundred.
    private static let longestEvents = 512 * 1024

    let path: String

    /// - Parameter state: the agent's state directory.
    init(_ run: RunID, in state: String) { path = "\(state)/\(Self.parent)/\(run)" }

    init(path: String) { self.path = path }

    /// Those there are. - Parameter state: the agent's state directory.
    static func all(in state: String) -> [RunID] {
        (SystemCall.names(in: "\(state)/\(parent)") ?? []).compactMap { RunID($0) }
    }

    // MARK: The agent

    /// Makes the folder of all runs, so that it can be watched. - Parameter state: the agent's state directory.
    static func makeParent(in state: String) { mkdir("\(state)/\(parent)", 0o700) }

    /// Makes it, for root alone, with the order in it; one that is there already is as good.
    func make(_ order: RunOrderFile) throws(AgentError) {
        let parent = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
        for directory in [parent, path] where mkdir(directory, 0o700) != 0 && errno != EEXIST {
            throw .system(.stateUnavailable, "cannot make \(directory)", errno)
        }
        guard !hasOrder else { return }
        try write(order, to: "order")
        SyncedDirectory.sync(parent)
    }

    /// Takes the right to do this run for nobody: no process that was started for it begins any more.
    /// - Returns: false when one has begun.
    func withdraw() throws(AgentError) -> Bool {
        guard hasOrder else { return true }
        // Without content it is no start.
        return try take([]) != nil || start == nil
    }

    /// With all that is in it. What cannot be taken away stays.
    func remove() {
        // First: a process that has read it and takes the right after this finds that it is gone.
        unlink(file("order"))
        for name in SystemCall.names(in: path) ?? [] { unlink(file(name)) }
        rmdir(path)
    }

    /// When its process began; nil: it has not.
    var start: RunStartFile? { read("started") }

    /// The id of the process that does the run: it holds the lock for as long as it lives.
    var process: pid_t? {
        guard let descriptor = Descriptor(open(file("started"), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) else { return nil }
        var lock = Self.lock
        guard fcntl(descriptor.number, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK) else { return nil }
        return lock.l_pid
    }

    var progress: RunProgressFile? { read("progress") }
    var result: RunResultFile? { read("result") }

    /// Events from a byte on, in whole lines, and the byte after them. A line that is none is left out.
    func events(from offset: Int64) -> (events: [DeviceEvent], next: Int64) {
        guard let descriptor = Descriptor(open(file("events"), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) else { return ([], offset) }
        var buffer = [UInt8](repeating: 0, count: Self.longestEvents)
        let count = SystemCall.retrying { pread(descriptor.number, &buffer, buffer.count, off_t(offset)) }
        guard count > 0, let end = buffer[..<count].lastIndex(of: UInt8(ascii: "\n")) else { return ([], offset) }
        let lines = buffer[...end].split(separator: UInt8(ascii: "\n"))
        let events = lines.compactMap { try? JSONDecoder().decode(RunEventLine.self, from: Data($0)).event }
        return (events, offset + Int64(end) + 1)
    }

    /// What is kept of what its programs said; nil: nothing.
    var output: RunOutput? {
        guard let bytes = SystemCall.contents(of: file("output"), limit: RunOutput.maximumBytes + 64) else { return nil }
        return OutputKeeper.output(of: bytes)
    }

    /// Why it is to end is written down before its process is told to.
    func stop(_ process: pid_t) throws(AgentError) {
        try write(TaskResult.stopped, to: "stop")
        // Of a process that cannot be seen from here the kernel says 0 or less, which would be everybody.
        if process > 0 { kill(process, SIGTERM) }
    }

    // MARK: The process of the run

    var order: RunOrderFile? { read("order", limit: Self.longestOrder) }
    /// Somebody wants it to end; nil where nobody said so.
    var stopReason: TaskResult? { read("stop") }

    /// The right to do this run, which is given once.
    /// - Returns: what holds the lock, to be kept until the process ends; nil when another process has the right, or had it, or when the
    ///   agent wants it done no more.
    func begin(at time: Timestamp) throws(AgentError) -> Descriptor? {
        guard let json = try? JSONEncoder().encode(RunStartFile(started: time)) else {
            throw AgentError(.internalError, "the start of a run cannot be encoded")
        }
        guard let right = try take(Array(json)) else { return nil }
        guard hasOrder else {
            // The folder was being taken away, and the name with it.
            unlink(file("started"))
            return nil
        }
        return right
    }

    /// By the name of a file that is made once. It is locked before it has its name, so that no one sees it without its lock.
    private func take(_ content: [UInt8]) throws(AgentError) -> Descriptor? {
        let own = file("started.\(getpid())")
        unlink(own)
        guard let descriptor = Descriptor(open(own, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)) else {
            throw .system(.stateUnavailable, "cannot make \(own)", errno)
        }
        defer { unlink(own) }
        var lock = Self.lock
        guard Self.write(content, to: descriptor.number), fcntl(descriptor.number, F_SETLK, &lock) == 0 else {
            throw .system(.stateUnavailable, "cannot write \(own)", errno)
        }
        guard link(own, file("started")) == 0 else {
            if errno == EEXIST { return nil }
            throw .system(.stateUnavailable, "cannot make \(file("started"))", errno)
        }
        SyncedDirectory.sync(path)
        return descriptor
    }

    func write(_ progress: RunProgressFile) { try? write(progress, to: "progress", isDurable: false) }

    /// After it nothing is written. Its text is cut to what an event has room for: a file too large to be read is no result.
    func write(_ result: RunResultFile) throws(AgentError) {
        var result = result
        result.text = result.text.cut(toBytes: DeviceEvent.maximumTextBytes)
        try write(result, to: "result")
    }

    func write(output: [UInt8]) { try? write(bytes: output, to: "output", isDurable: false) }

    func append(_ event: DeviceEvent) {
        guard var line = try? JSONEncoder().encode(RunEventLine(event)),
            let descriptor = Descriptor(open(file("events"), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600))
        else { return }
        line.append(UInt8(ascii: "\n"))
        _ = Self.write(Array(line), to: descriptor.number)
    }

    // MARK: Files

    private func file(_ name: String) -> String { path + "/" + name }

    private var hasOrder: Bool { (try? FileStatus(file("order")))?.kind == .file }

    /// Of the whole file, for writing.
    private static var lock: flock { flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0) }

    private func read<Value: Decodable>(_ name: String, limit: Int = longestFile) -> Value? {
        SystemCall.contents(of: file(name), limit: limit).flatMap { try? JSONDecoder().decode(Value.self, from: Data($0)) }
    }

    private func write(_ value: some Encodable, to name: String, isDurable: Bool = true) throws(AgentError) {
        guard let json = try? JSONEncoder().encode(value) else { throw AgentError(.internalError, "\(name) cannot be encoded") }
        try write(bytes: Array(json), to: name, isDurable: isDurable)
    }

    /// Beside, and renamed: who reads it finds it whole.
    private func write(bytes: [UInt8], to name: String, isDurable: Bool) throws(AgentError) {
        let new = file(".\(name).new")
        unlink(new)
        guard let descriptor = Descriptor(open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)),
            Self.write(bytes, to: descriptor.number, isDurable: isDurable), rename(new, file(name)) == 0
        else {
            let number = errno
            unlink(new)
            throw .system(number == ENOSPC ? .storageFull : .stateUnavailable, "cannot write \(file(name))", number)
        }
        if isDurable { SyncedDirectory.sync(path) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, isDurable: Bool = true) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                SystemCall.retrying { Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return !isDurable || fsync(descriptor) == 0
    }
}

/// A directory whose names are on the disk after it.
enum SyncedDirectory {
    static func sync(_ path: String) {
        if let folder = Descriptor(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) { fsync(folder.number) }
    }
}
