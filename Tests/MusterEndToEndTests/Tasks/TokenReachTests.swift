import MusterTestKit
import Testing

/// For how many devices an hour a token may order scripts, through the real programs.
@Suite(.fewAtATime)
struct TokenReachTests {
    /// Enrolled is enough: reach counts at the server.
    private func devices(_ count: Int, of server: TestServer) async throws -> [String] {
        var devices: [String] = []
        for _ in 0..<count {
            let agent = try TestAgent(server: server)
            try await agent.enrol()
            devices.append(try await agent.deviceID)
        }
        return devices
    }

    /// In place of the one there was: the server's administrator alone can.
    private func makeToken(reach: String, of server: TestServer) async throws {
        try await server.stop()
        try await runProgram("muster-server", ["admin-token", "--data-dir", server.dataDirectory, "--reach", reach]).succeeded()
        try await server.start()
    }

    @Test func aTokenOfTheServersAdministratorHasTheReachItWasMadeWith() async throws {
        let server = try await TestServer()
        try await server.start()
        let devices = try await devices(2, of: server)
        try await makeToken(reach: "1", of: server)
        #expect(try await server.musterJSON("api-tokens", "list").map { $0["reach"] as? Int }.contains(1))
        let script = ["--application", "scripts", "--type", "run", "--set", "text=true"]
        let both = try await server.muster(["tasks", "create", "Both", "--group", "/", "--schedule", "daily 03:00"] + script)
        #expect(both.status == 1 && both.error.contains("the reach of this token is 1 devices an hour"), "\(both)")
        try await server.muster(["tasks", "create", "One", "--device", devices[0], "--schedule", "daily 03:00"] + script)
            .succeeded()

        try await makeToken(reach: "unlimited", of: server)
        #expect(try await server.musterJSON("api-tokens", "list").texts("reach") == ["unlimited"])
        try await server.muster(["tasks", "create", "Both", "--group", "/", "--schedule", "daily 03:00"] + script).succeeded()

        let wrong = try await runProgram(
            "muster-server", ["admin-token", "--data-dir", server.dataDirectory, "--reach", "many"])
        #expect(wrong.status == 64 && wrong.error.contains("0 to 1000000, or unlimited"), "\(wrong)")
    }

    @Test func anEditedSelectionOfAScheduleCountsTheDevicesThatComeIn() async throws {
        let server = try await TestServer()
        try await server.start()
        let devices = try await devices(3, of: server)
        try await makeToken(reach: "1", of: server)
        try await server.muster("devices", "tag", devices[0], "--add", "few").succeeded()
        try await server.muster("selections", "create", "Few", "--filter", "tag = few").succeeded()
        try await server.muster(
            "tasks", "create", "Look", "--selection", "Few", "--schedule", "daily 03:00", "--application", "scripts", "--type",
            "run",
            "--set", "text=true"
        ).succeeded()

        func refused(_ arguments: String...) async throws {
            let result = try await server.muster(arguments)
            #expect(result.status == 1 && result.error.contains("reach of this token"), "\(arguments): \(result)")
        }
        try await refused("selections", "edit", "Few", "--filter", "name ~ *")
        let kept = try await server.musterJSON("selections", "show", "Few").first
        #expect(kept?.text("filter") == "tag = few", "\(String(describing: kept))")
        // By tags and by rules as well.
        try await refused("devices", "tag", devices[1], devices[2], "--add", "few")
        try await refused("tag-rules", "create", "All", "--when", "name ~ *", "--tag", "few")
        // Those that it gives already count once.
        try await server.muster("selections", "edit", "Few", "--filter", "tag = few and name ~ *").succeeded()
        #expect(try await server.musterJSON("devices", "tasks", devices[1]).isEmpty)
    }
}
