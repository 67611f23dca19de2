import Glibc
package import MusterModel
import NIOCore
import NIOPosix

/// A local program's side of the control socket; each call is a connection of its own.
package struct ControlClient: Sendable {
    /// An answer: the status with 8 pins and 64 addresses of 260 bytes is under 32 KiB.
    private static let longestAnswer = 256 * 1024

    private let stateDirectory: String
    private let timeout: Duration

    /// - Parameters:
    ///   - stateDirectory: of the agent, unchecked: root may ask an agent of another user.
    ///   - timeout: for the whole call; a little over what the agent allows itself (`ControlLimits.requestTime`).
    package init(stateDirectory: String, timeout: Duration = .seconds(130)) {
        self.stateDirectory = stateDirectory
        self.timeout = timeout
    }

    package func synchronize() async throws(AgentError) -> SyncReport {
        guard case .synchronized(let report) = try await ask(.synchronize) else { throw .unexpectedAnswer }
        return report
    }

    package func status() async throws(AgentError) -> StatusReport {
        guard case .status(let report) = try await ask(.status) else { throw .unexpectedAnswer }
        return report
    }

    package func check() async throws(AgentError) -> CheckReport {
        guard case .checked(let report) = try await ask(.check) else { throw .unexpectedAnswer }
        return report
    }

    package func raise(_ event: DeviceEvent) async throws(AgentError) -> RaiseReport {
        guard case .raised(let report) = try await ask(.raise(event)) else { throw .unexpectedAnswer }
        return report
    }

    package func takeConnectionFile() async throws(AgentError) -> ConnectionFileReport {
        guard case .connected(let report) = try await ask(.takeConnectionFile) else { throw .unexpectedAnswer }
        return report
    }

    package func notice(_ kind: SleepNotice) async throws(AgentError) {
        guard case .noticed = try await ask(.notice(kind)) else { throw .unexpectedAnswer }
    }

    /// - Throws: `notRunning` when nobody listens; what the agent answered; `controlProtocol`, `timedOut`.
    private func ask(_ request: ControlRequest) async throws(AgentError) -> ControlAnswer {
        let line = try ControlJSON.line(request)
        let connection = try await connect()
        let answer: [UInt8]
        do {
            answer = try await exchange(line, on: connection)
        } catch let error as AgentError {
            throw error
        } catch {
            throw AgentError(.controlProtocol, "the connection to the agent broke", underlying: error)
        }
        let decoded = try ControlJSON.decode(ControlAnswer.self, from: answer)
        guard case .refused(let refusal) = decoded else { return decoded }
        throw AgentError(AgentError.Code(rawValue: refusal.code) ?? .internalError, refusal.reason)
    }

    private func connect() async throws(AgentError) -> NIOAsyncChannel<ControlLine, ByteBuffer> {
        let path = stateDirectory + "/agent.sock"
        do {
            return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            ByteToMessageHandler(ControlLineDecoder(limit: Self.longestAnswer)))
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch let error as IOError where [ENOENT, ECONNREFUSED, ENOTDIR].contains(error.errnoCode) {
            throw .notRunning(stateDirectory)
        } catch let error as IOError {
            throw .system(.stateUnavailable, "cannot connect to \(path)", error.errnoCode)
        } catch {
            throw AgentError(.stateUnavailable, "cannot connect to \(path)", underlying: error)
        }
    }

    private func exchange(
        _ line: [UInt8], on connection: NIOAsyncChannel<ControlLine, ByteBuffer>
    ) async throws -> [UInt8] {
        let channel = connection.channel
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        return try await connection.executeThenClose { answers, requests in
            // An agent that refuses the caller says so before it has read anything, and closes: the answer is here all the same.
            var failure: (any Error)?
            do { try await requests.write(ByteBuffer(bytes: line)) } catch { failure = error }
            for try await answer in answers {
                guard case .line(let bytes) = answer else { throw AgentError.unexpectedAnswer }
                return bytes
            }
            throw failure
                ?? AgentError(
                    .timedOut, "the agent does not answer: it closed the connection, or said nothing for \(timeout.text)")
        }
    }
}

extension AgentError {
    fileprivate static var unexpectedAnswer: Self {
        Self(.controlProtocol, "the agent's answer is not understood: is it of the same version as this program?")
    }

    /// How to have an agent on that directory.
    package static func notRunning(_ stateDirectory: String) -> Self {
        let option = stateDirectory == StateDirectory.standardPath ? "" : " --state-dir \(stateDirectory)"
        return Self(
            .notRunning,
            """
            no agent is running on \(stateDirectory): start it (systemctl start muster-agent, or muster-agent run\(option))
            """)
    }
}
