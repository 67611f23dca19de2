import Foundation
import MusterTestKit
import Testing

/// Connection files: an agent that enrols by one when it can, one that is enrolled already and takes the addresses.
@Suite(.fewAtATime)
struct ConnectionFileTests {
    private let server: TestServer
    private let agent: TestAgent

    init() async throws {
        server = try await TestServer()
        try await server.start()
        agent = try TestAgent(server: server)
    }

    /// Puts the file where a package's script puts it.
    private func wait(with file: String) throws {
        let directory = agent.stateDirectory
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.copyItem(atPath: file, toPath: "\(directory)/connection.json")
    }

    private var waits: Bool { FileManager.default.fileExists(atPath: "\(agent.stateDirectory)/connection.json") }

    private func brief(wait: String = "0s") async throws -> String {
        try await agent.command("status", "--brief", "--wait", wait).succeeded().output
    }

    private func isEnrolled() async throws -> Bool {
        try await eventually("the device is enrolled", state: { self.agent.log }) {
            try await agent.status()["device"] is String
        }
        return true
    }

    @Test func ofSeveralAddressesEachIsSaid() async throws {
        let places = [1, 2].map { "\(server.address):\($0)" }
        try wait(with: try await server.makeConnectionFile("office", at: places))
        try await agent.start()
        let text = try await brief(wait: "20s")
        #expect(text.hasPrefix("NOT enrolled: none of the 2 server addresses works. Next try in "), "\(text)")
        for place in places { #expect(text.contains("\n  \(place) is not reached: "), "\(text)") }
        #expect(try await agent.command("status").output.contains("at \(places[0]):"))
    }

    @Test func theAgentEnrolsByItselfWhenTheServerCanBeReached() async throws {
        let file = try await server.makeConnectionFile("office", "--interval", "5m")
        try await server.stop()
        try wait(with: file)
        try await agent.start()
        let before = try await brief(wait: "20s")
        #expect(before.hasPrefix("NOT enrolled: \(server.place) is not reached"), "\(before)")
        #expect(before.contains("Next try in ") && before.hasSuffix("See: muster-agent check\n"), "\(before)")
        let status = try await agent.status()
        #expect(status.text("package") == "office" && status["servers"] as? [String] == [server.place])
        #expect(try await agent.command("sync").status == 1)
        try await agent.event("before-enrolment", "info", "kept until then")
        try await server.start()
        #expect(try await isEnrolled())
        let after = try await brief(wait: "60s")
        #expect(after.contains("Connected to \(server.place) as "), "\(after)")
        #expect(after.contains(" applications reported. Next synchronization "), "\(after)")
        #expect(!waits, "the secret is gone")
        #expect(try await agent.status()["syncIntervalSeconds"] as? Double == 300, "the package's interval is the device's own")
        let device = try await agent.deviceID
        try await eventually("the event arrived") { try await server.events("before-enrolment", of: device).count == 1 }
        let devices = try await server.musterJSON("packages", "show", "office", "--devices")
        #expect(devices.texts("device") == [device])
        #expect(try await agent.stop() == 0)
    }

    @Test func aTokenThatIsRefusedKeepsTheAgentWaitingForAnotherFile() async throws {
        let file = try await server.makeConnectionFile("office")
        try await server.muster("packages", "delete", "office").succeeded()
        try wait(with: file)
        try await agent.start()
        let text = try await brief(wait: "30s")
        #expect(text.hasPrefix("NOT enrolled: the token of this package was revoked"), "\(text)")
        let refused = try await agent.command("enrol", "--connection-file", file)
        #expect(refused.status == 1 && refused.error.contains("tokenRevoked"), "\(refused.error)")
        #expect(agent.isRunning)
        let other = try await server.makeConnectionFile("branch")
        let taken = try await agent.command("enrol", "--connection-file", other).succeeded()
        #expect(taken.output.hasPrefix("Enrolled at \(server.place) as device "), "\(taken.output)")
        #expect(!taken.output.contains("Start the agent"))
        #expect(try await isEnrolled())
        #expect(try await agent.stop() == 0)
    }

    /// A router forwards another port than the server's own: what goes there is caught.
    @Test func noticesGoWhereThePackageSays() async throws {
        let files = try TemporaryDirectory()
        let script = """
            import os, socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('\(server.address)', 0)); s.settimeout(120)
            with open('\(files.file("new"))', 'w') as f: f.write(str(s.getsockname()[1]))
            os.rename('\(files.file("new"))', '\(files.file("port"))')
            print(s.recv(2048)[4])
            """
        async let caught = runProgram(ProgramPath.ofSystem("python3"), ["-c", script])
        try await eventually("somebody listens") { FileManager.default.fileExists(atPath: files.file("port")) }
        let port = try String(contentsOfFile: files.file("port"), encoding: .utf8)
        try wait(with: try await server.makeConnectionFile("office", at: nil, "--udp-port", port))
        try await agent.start()
        #expect(try await isEnrolled())
        try await agent.sync()
        try await agent.command("notice", "suspend").succeeded()
        #expect(try await caught.succeeded().output == "2\n", "a shutdown notice")
        #expect(try await agent.stop() == 0)
    }

    /// `--to -`: the file alone is printed, and what is said of it goes to standard error.
    @Test func aDownloadToStandardOutput() async throws {
        try await server.muster("packages", "create", "office", "--server-address", server.place).succeeded()
        let result = try await server.muster("packages", "download", "office", "--connection-file", "--to", "-").succeeded()
        let file = try server.secretFile(result.output)
        try await agent.command("enrol", "--connection-file", file).succeeded()
        #expect(result.error.contains("Enrols "), "\(result.error)")
        #expect(!FileManager.default.fileExists(atPath: "-"))
    }

    @Test func stoppingAnAgentThatIsNotEnrolledEndsIt() async throws {
        let file = try await server.makeConnectionFile("office")
        try await server.stop()
        try wait(with: file)
        try await agent.start()
        #expect(try await agent.stop() == 0)
        #expect(waits)
    }

    @Test func anEnrolledDeviceKeepsItsIdentityAndTakesTheAddresses() async throws {
        try await agent.enrol()
        try await agent.start()
        try await agent.sync()
        let device = try await agent.deviceID
        let file = try await server.makeConnectionFile("moved", at: ["localhost:1", server.place])
        let taken = try await agent.command("enrol", "--connection-file", file).succeeded()
        #expect(taken.output.contains("\(device) and has the addresses of the file; first localhost:1."), "\(taken.output)")
        var status = try await agent.status()
        #expect(status["servers"] as? [String] == ["localhost:1", server.place])
        #expect(status.text("lastServer") == server.place)
        #expect(!waits)
        // The same while no agent runs, and at an agent's start.
        #expect(try await agent.stop() == 0)
        let second = try await server.makeConnectionFile("second", at: ["localhost:2"])
        try await agent.command("enrol", "--connection-file", second).succeeded()
        try wait(with: try await server.makeConnectionFile("third", at: ["localhost:3"]))
        try await agent.start()
        try await agent.sync()
        status = try await agent.status()
        #expect(status["servers"] as? [String] == ["localhost:3", "localhost:2", "localhost:1", server.place])
        #expect(try await agent.deviceID == device)
        #expect(try await server.musterJSON("devices", "list").count == 1)
    }

    @Test func theFileOfAnotherServerChangesNothing() async throws {
        try await agent.enrol()
        try await agent.start()
        let other = try await TestServer()
        try await other.start()
        let file = try await other.makeConnectionFile("elsewhere")
        let refused = try await agent.command("enrol", "--connection-file", file)
        #expect(refused.status == 1 && refused.error.contains("another server's"), "\(refused.error)")
        #expect(try await agent.status()["servers"] as? [String] == [server.place])
        let replacing = try await agent.command("enrol", "--replace", "--connection-file", file)
        #expect(replacing.status == 1 && replacing.error.contains("stop it first"), "\(replacing.error)")
        #expect(try await agent.stop() == 0)
        try await agent.command("enrol", "--replace", "--connection-file", file).succeeded()
        try await agent.start()
        try await agent.sync()
        #expect(try await agent.status()["servers"] as? [String] == [other.place])
        #expect(try await other.musterJSON("devices", "list").texts("id") == [agent.deviceID])
    }

    @Test func replacingMakesAnotherDevice() async throws {
        try await agent.enrol()
        let first = try await agent.deviceID
        let file = try await server.makeConnectionFile("office")
        try await agent.command("enrol", "--replace", "--connection-file", file).succeeded()
        let second = try await agent.deviceID
        #expect(first != second)
        #expect(Set(try await server.musterJSON("devices", "list").texts("id")) == [first, second])
        try await agent.start()
        try await agent.sync()
        // What cannot be done leaves the device what it was.
        #expect(try await agent.stop() == 0)
        try await server.muster("packages", "delete", "office").succeeded()
        #expect(try await agent.command("enrol", "--replace", "--connection-file", file).status == 1)
        try await agent.start()
        try await agent.sync()
        #expect(try await agent.deviceID == second)
    }

    @Test func withoutIdentityAndFileTheAgentEndsWithItsOwnCode() async throws {
        try FileManager.default.createDirectory(
            atPath: agent.stateDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        #expect(try await agent.command("run").status == 78)
        try Data("{".utf8).write(to: URL(fileURLWithPath: "\(agent.stateDirectory)/connection.json"))
        let damaged = try await agent.command("run")
        #expect(damaged.status == 78 && damaged.error.contains("no connection file"), "\(damaged.error)")
    }

    @Test func whatIsNoConnectionFileIsSaidToBeNone() async throws {
        let cases = [
            "": "not JSON", "{}": "'version' is missing", #"{"version":9}"#: "install a newer agent",
            #"{"version":1,"package":"a","servers":["a b"],"pins":[],"token":"x"}"#: "'a b' is no server address",
        ]
        for (text, reason) in cases {
            let file = try server.secretFile(text)
            let result = try await agent.command("enrol", "--connection-file", file)
            #expect(result.status == 1 && result.error.contains(reason), "\(text): \(result.error)")
        }
        #expect(try await agent.command("enrol", "--connection-file", "/nonexistent").error.contains("cannot be read"))
        #expect(try await agent.command("enrol", "--replace").status == 64)
        #expect(try await agent.command("enrol", "--connection-file", "x", "--server", "a").status == 64)
    }
}
