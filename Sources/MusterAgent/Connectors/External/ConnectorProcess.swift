import CProcess
import Glibc
import MusterModel
import NIOCore
import NIOPosix
import Synchronization

/// One run of a connector's program: its process, the pipes to it, what it says line by line. Whoever starts it must end it.
final class ConnectorProcess: Sendable {
    /// What it says; ends when nothing more can come, or more came than is waited for.
    let lines: AsyncStream<ControlLine>
    private let child: ChildProcess
    private let talk: any Channel
    private let log: any Channel
    private let receiver: LineReceiver
    private let fault = Mutex<String?>(nil)

    private init(
        child: ChildProcess, talk: any Channel, log: any Channel, lines: AsyncStream<ControlLine>, receiver: LineReceiver
    ) {
        (self.child, self.talk, self.log, self.lines, self.receiver) = (child, talk, log, lines, receiver)
    }

    /// - Parameter log: hears what it writes to standard error, line by line.
    static func start(_ path: String, log: @escaping @Sendable (String) -> Void) async throws(ConnectorFault) -> ConnectorProcess
    {
        guard let input = ConnectorPipe(), let output = ConnectorPipe(), let error = ConnectorPipe() else {
            throw ConnectorFault("there are no pipes left to start it")
        }
        // The program's ends are open here until it has its own.
        defer { withExtendedLifetime((input, output, error)) {} }
        let (lines, saying) = AsyncStream.makeStream(
            of: ControlLine.self, bufferingPolicy: .bufferingOldest(ConnectorLimits.maximumLines))
        let environment = ["PATH=\(SystemProgram.standardDirectories.joined(separator: ":"))", "LC_ALL=C.UTF-8"]
        let child: ChildProcess
        do {
            child = try ProcessStart(
                commandLine: [path], environment: environment, separation: .session, directory: "/", input: input.reading.number,
                output: output.writing.number, error: error.writing.number
            ).start()
        } catch {
            throw ConnectorFault("it did not start: \(SystemCall.text(of: error.number))")
        }
        do {
            let receiver = LineReceiver(saying, limit: ConnectorLimits.maximumLine - 1)
            let talk = try await channel(input: output.reading, output: input.writing, receiver)
            do {
                let log = try await channel(input: error.reading, output: nil, LogReceiver(log))
                return ConnectorProcess(child: child, talk: talk, log: log, lines: lines, receiver: receiver)
            } catch {
                try? await talk.close().get()
                throw error
            }
        } catch {
            _ = await ConnectorEnd.wait(for: child, patience: .zero)
            throw ConnectorFault("its pipes could not be read: \(error)")
        }
    }

    /// A descriptor is the channel's once there is one.
    private static func channel(
        input: PipeEnd, output: PipeEnd?, _ handler: some ChannelInboundHandler & Sendable
    ) async throws -> any Channel {
        let bootstrap = NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { channel in
            channel.pipeline.addHandler(handler)
        }
        let channel =
            if let output {
                try await bootstrap.takingOwnershipOfDescriptors(input: input.number, output: output.number).get()
            } else {
                try await bootstrap.takingOwnershipOfDescriptor(input: input.number).get()
            }
        input.isTaken()
        output?.isTaken()
        return channel
    }

    /// What is not taken in time waits here: one request at a time, each with its limit.
    func send(_ line: [UInt8]) { talk.writeAndFlush(ByteBuffer(bytes: line), promise: nil) }

    /// It is not to go on. The first reason stands; `lines` end.
    func fail(_ reason: String) {
        fault.withLock { $0 = $0 ?? reason }
        talk.close(promise: nil)
    }

    /// What it said after that is not heard.
    var hasFailed: Bool { fault.withLock { $0 } != nil }

    /// Also while a process that it started still holds its standard output.
    var hasEnded: Bool { child.hasEnded }

    /// Closes its standard input, waits for it, and kills what is left of its group. Never cancelled: no process stays behind.
    /// - Returns: why it ended.
    func end(patience: Duration) async -> String {
        try? await talk.close().get()
        let status = await ConnectorEnd.wait(for: child, patience: patience)
        try? await log.close().get()
        let flood = receiver.isFlooded ? "it said more than \(ConnectorLimits.maximumLines) lines at once" : nil
        return fault.withLock { $0 } ?? flood ?? status
    }
}

/// How a connector's process comes to its end.
enum ConnectorEnd {
    /// Whatever becomes of the task: waits for it, then kills its group and takes its end. - Returns: a clause that says how it ended.
    static func wait(for child: ChildProcess, patience: Duration) async -> String {
        await withCheckedContinuation { continuation in
            NIOThreadPool.singleton.submit { _ in continuation.resume(returning: end(child, patience: patience)) }
        }
    }

    private static func end(_ child: ChildProcess, patience: Duration) -> String {
        let deadline = ContinuousClock.now + patience
        while !child.hasEnded, ContinuousClock.now < deadline { usleep(5000) }
        guard child.hasEnded else {
            child.kill()
            return "it did not end by itself and was killed"
        }
        // Before its number is given back: what it left in its group goes with it.
        kill(-child.pid, SIGKILL)
        guard let status = child.reap() else { return "it ended" }
        return status < 128 ? "it ended with status \(status)" : "it was ended by signal \(status - 128)"
    }
}

/// One end of a pipe, closed with its owner unless somebody took it.
final class PipeEnd: Sendable {
    let number: Int32
    private let taken = Atomic(false)

    init(_ number: Int32) { self.number = number }

    deinit { if number >= 0, !taken.load(ordering: .relaxed) { close(number) } }

    func isTaken() { taken.store(true, ordering: .relaxed) }
}

/// Both ends; the child's copies are its own.
struct ConnectorPipe: Sendable {
    let reading: PipeEnd
    let writing: PipeEnd

    /// Nil without a free descriptor.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard muster_pipe(&ends) == 0 else { return nil }
        let high = ends.map { fcntl($0, F_DUPFD_CLOEXEC, ProcessStart.lowestDescriptor) }
        for end in ends { close(end) }
        (reading, writing) = (PipeEnd(high[0]), PipeEnd(high[1]))
        if high.contains(where: { $0 < 0 }) { return nil }
    }
}
