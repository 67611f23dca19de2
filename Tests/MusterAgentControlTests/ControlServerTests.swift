import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite(.timeLimit(.minutes(5)))
struct ControlServerTests {
    private let state: TemporaryState

    init() throws { state = try TemporaryState() }

    @Test func answersEachRequest() async throws {
        let agent = try RecordingAgent(state.directory)
        try await serving(state, agent) { client in
            let event = DeviceEvent(
                type: "backup-failed", severity: .error, occurred: Timestamp(milliseconds: 1_700_000_000_123),
                parameters: ["disk": .text("sda"), "tries": .integer(3)], text: "no \"room\"\nleft – ü")
            #expect(try await client.raise(event) == RaiseReport(epoch: .max, sequence: 1))
            #expect(agent.events == [event])
            #expect(try await client.synchronize().documentBytesSent == 1234)
            for notice in SleepNotice.allCases { try await client.notice(notice) }
            #expect(agent.notices == SleepNotice.allCases)
            let status = try await client.status()
            #expect(status.running && status.device == nil && status.spool.epoch == "18446744073709551615")
        }
    }

    @Test func handsErrorsOver() async throws {
        try await serving(state, try RecordingAgent(state.directory)) { client in
            let event = DeviceEvent(type: "Not A Type", severity: .info, occurred: .now(), text: "")
            let error = await #expect(throws: AgentError.self) { try await client.raise(event) }
            #expect(error?.code == .eventInvalid)
        }
    }

    @Test func isClosedToOthers() async throws {
        try await serving(state, try RecordingAgent(state.directory)) { _ in
            var status = stat()
            #expect(lstat(state.directory.socketPath, &status) == 0)
            #expect(status.st_mode == S_IFSOCK | 0o600)
        }
        #expect(access(state.directory.socketPath, F_OK) != 0, "removed at the end")
    }

    @Test func knowsItsCaller() {
        #expect(ControlPeer(process: 1, user: 0).isAllowed(agentUser: 998))
        #expect(ControlPeer(process: 1, user: 998).isAllowed(agentUser: 998))
        #expect(!ControlPeer(process: 1, user: 1000).isAllowed(agentUser: 998))
        #expect(!ControlPeer(process: 1, user: 1000).isAllowed(agentUser: 0))
    }

    @Test func answersWrongLinesAndGoesOn() async throws {
        let agent = try RecordingAgent(state.directory)
        try await serving(state, agent) { _ in
            let client = try RawClient(state)
            for (line, part) in [
                ("", "controlProtocol"), ("nonsense", "controlProtocol"), ("[]", "controlProtocol"),
                (#"{"request":"reboot"}"#, "controlProtocol"), (#"{"request":"event"}"#, "'type' is missing"),
                (#"{"request":"event","type":"a","severity":"loud","text":""}"#, "is not a severity"),
                (#"{"request":"event","type":"a","severity":"info","text":"b"}"#, #""sequence":1"#),
            ] {
                client.send(line + "\n")
                let answer = try #require(try await client.line())
                #expect(answer.contains(part), "\(line) → \(answer)")
            }
        }
        #expect(agent.events.map(\.type) == ["a"])
    }

    @Test func takesALastLineWithoutLineFeed() async throws {
        try await serving(state, try RecordingAgent(state.directory)) { _ in
            let client = try RawClient(state)
            client.send(#"{"request":"sync"}"#)
            client.endSending()
            #expect(try await client.line()?.contains(#""documentsSent":1"#) == true)
            #expect(try await client.line() == nil)
        }
    }

    @Test func endsAConnectionWithATooLongLine() async throws {
        var limits = ControlLimits()
        limits.lineBytes = 64
        try await serving(state, try RecordingAgent(state.directory), limits: limits) { client in
            let raw = try RawClient(state)
            let request = #"{"request":"sync"}"#
            raw.send(request + String(repeating: " ", count: 64 - request.utf8.count) + "\n")
            #expect(try await raw.line()?.contains("documentsSent") == true, "exactly the limit")
            raw.send(request + String(repeating: " ", count: 65 - request.utf8.count) + "\n")
            #expect(try await raw.line()?.contains("at most 64 bytes") == true)
            #expect(try await raw.line() == nil)
            #expect(try await client.synchronize().events == 2, "others are served")
        }
    }

    /// Each waits for all the others: one after the other they would wait for ever.
    @Test(.timeLimit(.minutes(5))) func servesManyAtOnce() async throws {
        let agent = try RecordingAgent(state.directory, syncsTogether: 16)
        try await serving(state, agent) { client in
            try await withThrowingTaskGroup { group in
                for _ in 0..<16 { group.addTask { try await client.synchronize() } }
                for try await report in group { #expect(report.documentsSent == 1) }
            }
        }
    }

    @Test func refusesConnectionsPastTheLimit() async throws {
        var limits = ControlLimits()
        limits.connections = 1
        try await serving(state, try RecordingAgent(state.directory), limits: limits) { client in
            do {
                let first = try RawClient(state)
                first.send("{\"request\":\"sync\"}\n")
                #expect(try await first.line() != nil)
                // Often: the agent closes while the client writes.
                for _ in 0..<200 {
                    let error = await #expect(throws: AgentError.self) { try await client.synchronize() }
                    #expect(error?.code == .controlRefused)
                }
                first.send("{\"request\":\"sync\"}\n")
                #expect(try await first.line() != nil)
            }
            // The first is gone: there is room again, as soon as the server has seen it.
            while (try? await client.synchronize()) == nil { try await Task.sleep(for: .milliseconds(10)) }
        }
    }

    @Test func limitsTheTimeOfARequest() async throws {
        var limits = ControlLimits()
        limits.requestTime = .milliseconds(200)
        try await serving(state, try RecordingAgent(state.directory, syncTime: .seconds(60)), limits: limits) { client in
            let error = await #expect(throws: AgentError.self) { try await client.synchronize() }
            #expect(error?.code == .timedOut)
            let silent = try RawClient(state)
            silent.send("{\"request\"")
            #expect(try await silent.line() == nil, "closed")
        }
    }

    @Test func replacesTheSocketOfADeadAgent() async throws {
        let path = state.directory.socketPath
        do {
            let socket = try ControlSocket(state.directory, holding: StateLock(state.directory))
            #expect(rename(path, path + ".kept") == 0)
            withExtendedLifetime(socket) {}
        }
        #expect(rename(path + ".kept", path) == 0)
        let client = ControlClient(stateDirectory: state.directory.path)
        let error = await #expect(throws: AgentError.self) { try await client.status() }
        #expect(error?.code == .notRunning)
        let report = try await serving(state, try RecordingAgent(state.directory)) { client in try await client.status() }
        #expect(report.running)
    }

    @Test func removesNoOtherFile() throws {
        try StateDirectory.createFile(state.directory.socketPath)
        let error = #expect(throws: AgentError.self) {
            try ControlSocket(state.directory, holding: StateLock(state.directory))
        }
        #expect(error?.code == .stateUnavailable)
        #expect(access(state.directory.socketPath, F_OK) == 0)
    }

    @Test func saysHowToStartAnAgent() async throws {
        let error = await #expect(throws: AgentError.self) { try await ControlClient(stateDirectory: "/nowhere").synchronize() }
        #expect(error?.code == .notRunning)
        #expect(error?.reason.contains("muster-agent run --state-dir /nowhere") == true)
    }
}
