import Glibc
import Logging
import MusterModel
import NIOPosix
import Synchronization
import Testing

@testable import MusterAgent

/// A state directory in /tmp, removed when this value goes.
final class TemporaryState: Sendable {
    let directory: StateDirectory

    init() throws {
        var template = Array("/tmp/muster-control-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        directory = try StateDirectory(path)
    }

    deinit {
        for name in SystemCall.names(in: directory.path) ?? [] { unlink("\(directory.path)/\(name)") }
        rmdir(directory.path)
    }
}

/// An agent that keeps what it was asked: events are numbered from 1, `synchronize` takes `syncTime` and ends when so many are under way.
final class RecordingAgent: ControlHandler {
    private let raised = Mutex<[DeviceEvent]>([])
    private let said = Mutex<[SleepNotice]>([])
    private let state: AgentState
    private let spool: Spool
    private let syncTime: Duration
    private let syncsTogether: Int
    private let syncs = Mutex(0)

    var events: [DeviceEvent] { raised.withLock { $0 } }
    var notices: [SleepNotice] { said.withLock { $0 } }

    init(_ directory: StateDirectory, syncTime: Duration = .zero, syncsTogether: Int = 1) throws {
        let database = try AgentDatabase(directory, mode: .creating, epoch: 18_446_744_073_709_551_615)
        state = AgentState(database)
        spool = Spool(database)
        self.syncTime = syncTime
        self.syncsTogether = syncsTogether
    }

    func takeConnectionFile() async throws(AgentError) -> ConnectionFileReport {
        throw AgentError(.notSupported, "not here")
    }

    func synchronize() async throws(AgentError) -> SyncReport {
        syncs.withLock { $0 += 1 }
        do {
            try await Task.sleep(for: syncTime)
            while syncs.withLock({ $0 }) < syncsTogether { try await Task.sleep(for: .milliseconds(5)) }
        } catch {
            throw AgentError(.timedOut, "cancelled")
        }
        return SyncReport(documentsSent: 1, documentBytesSent: 1234, events: 2, durationSeconds: 0.25)
    }

    func status() async throws(AgentError) -> StatusReport {
        try StatusReport.make(state: state, spool: spool, running: true)
    }

    func check() async throws(AgentError) -> CheckReport {
        throw AgentError(.notSupported, "there is no way here")
    }
    func suspend() async throws(AgentError) { said.withLock { $0.append(.suspend) } }
    func resume() async throws(AgentError) { said.withLock { $0.append(.resume) } }

    func raise(_ event: DeviceEvent) async throws(AgentError) -> RaiseReport {
        guard DeviceEvent.isValid(type: event.type) else { throw AgentError(.eventInvalid, "'\(event.type)' is no type") }
        let count = raised.withLock { raised in
            raised.append(event)
            return raised.count
        }
        return RaiseReport(epoch: .max, sequence: UInt64(count))
    }
}

/// A server on a state directory, serving while `body` runs.
func serving<Result>(
    _ state: TemporaryState, _ handler: any ControlHandler, limits: ControlLimits = .standard,
    _ body: (ControlClient) async throws -> Result
) async throws -> Result {
    let server = try ControlServer(
        directory: state.directory, holding: StateLock(state.directory), handler: handler,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, limits: limits)
    // Cancelled, then awaited, when this function returns.
    async let _ = server.run()
    return try await body(ControlClient(stateDirectory: state.directory.path, timeout: .seconds(30)))
}

/// The socket by hand, for what `ControlClient` never sends. Reads give up after 30 s.
final class RawClient: Sendable {
    private let descriptor: Int32

    init(_ state: TemporaryState) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: state.directory.socketPath.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next line without its line feed; nil at the end, or when nothing came in time. Waits on a thread of its own.
    func line() async throws -> String? {
        try await NIOThreadPool.singleton.runIfActive { self.readLine() }
    }

    private func readLine() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}
