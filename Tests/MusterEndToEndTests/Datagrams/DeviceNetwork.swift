import Foundation
import Glibc
import MusterTestKit

/// Two network namespaces, one for a server and one for a device, with a cable between them. Nothing of this machine's own network changes.
/// They go with this value; what runs in them does not: end that first.
final class DeviceNetwork: Sendable {
    static let serverAddress = "198.18.0.1"
    static let deviceAddress = "198.18.0.2"

    private let server = "muster-s\(UInt32.random(in: 0 ... .max))"
    private let device = "muster-d\(UInt32.random(in: 0 ... .max))"

    init() async throws {
        let script = """
            set -e
            ip netns add \(server)
            ip netns add \(device)
            ip -n \(server) link add cable type veth peer name cable netns \(device)
            ip -n \(server) addr add \(Self.serverAddress)/30 dev cable
            ip -n \(device) addr add \(Self.deviceAddress)/30 dev cable
            for name in \(server) \(device); do ip -n $name link set cable up; ip -n $name link set lo up; done
            """
        try await runProgram("/bin/sh", ["-c", script]).succeeded()
        // How many connections the device begins.
        try await onDevice(
            "nft -f -",
            input: """
                add table inet count
                add counter inet count syn
                add chain inet count out { type filter hook output priority 0; }
                add rule inet count out tcp flags & (syn | ack) == syn counter name syn
                """)
    }

    deinit {
        for name in [server, device] {
            umount2("/run/netns/\(name)", Int32(MNT_DETACH))
            unlink("/run/netns/\(name)")
        }
    }

    var underServer: [String] { ["/usr/sbin/ip", "netns", "exec", server] }
    var underDevice: [String] { ["/usr/sbin/ip", "netns", "exec", device] }

    /// TCP connections the device has begun.
    func connectionsBegun() async throws -> Int {
        let words = try await onDevice("nft list counters").split(whereSeparator: \.isWhitespace)
        guard let place = words.firstIndex(of: "packets"), let count = Int(words[place + 1]) else {
            throw FixtureError(description: "no counter: \(words)")
        }
        return count
    }

    @discardableResult
    func onDevice(_ command: String, input: String? = nil) async throws -> String {
        try await run(underDevice, command, input)
    }

    /// Datagrams from the server's machine, as fast as they go or so many a second.
    func send(_ datagrams: [[UInt8]], to address: String, port: Int, aSecond rate: Int = 0) async throws {
        let script = """
            import socket, sys, time
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for line in sys.stdin:
                s.sendto(bytes.fromhex(line), ("\(address)", \(port)))
                if \(rate): time.sleep(1 / \(max(rate, 1)))
            """
        let lines = datagrams.map { $0.map { String(format: "%02x", $0) }.joined() }.joined(separator: "\n")
        let line = underServer + [try ProgramPath.ofSystem("python3"), "-c", script]
        try await runProgram(line[0], Array(line.dropFirst()), input: lines + "\n").succeeded()
    }

    private func run(_ wrapper: [String], _ command: String, _ input: String?) async throws -> String {
        let line = wrapper + ["/bin/sh", "-c", command]
        return try await runProgram(line[0], Array(line.dropFirst()), input: input).succeeded().output
    }
}

/// A server and one device of it, each in a network of its own; the device runs and has synchronized.
struct DatagramSite {
    let network: DeviceNetwork
    let server: TestServer
    let agent: TestAgent
    let device: String

    /// - Parameter systemctl: a script in place of the device's systemctl.
    init(settings: [String: Any] = [:], systemctl: String? = nil) async throws {
        network = try await DeviceNetwork()
        server = try await TestServer(settings: settings, address: DeviceNetwork.serverAddress, under: network.underServer)
        try await server.start()
        var wrapper = network.underDevice
        if let systemctl {
            let script = try server.secretFile("#!/bin/sh\n\(systemctl)")
            // `ip netns exec` gives each program mounts of its own.
            wrapper += ["/bin/sh", "-c", "chmod 755 \(script); mount --bind \(script) /usr/bin/systemctl; exec \"$@\"", "sh"]
        }
        agent = try TestAgent(server: server, under: wrapper)
        try await agent.enrol()
        try await agent.start()
        try await agent.sync()
        device = try await agent.deviceID
        let (server, agent, device) = (server, agent, device)
        try await eventually(
            "the server knows the device's UDP port", state: { "\(try await server.device(device)) \(agent.log.suffix(2000))" }
        ) {
            try await server.device(device).number("udpPort") == 15_000
        }
        // No connection is due but those that are asked for.
        try await agent.settled(network)
    }

    func requests() async throws -> [String: Any] { try await agent.status().object("connectionRequests") }
    func counters() async throws -> [String: Any] { try await requests().object("counters") }
    func datagrams() async throws -> [String: Any] {
        try await server.musterJSON("server", "status").first?.object("datagrams") ?? [:]
    }
}

extension TestAgent {
    /// Nothing is left to be sent.
    func settled(_ network: DeviceNetwork) async throws {
        var (last, quiet) = (-1, 0)
        try await eventually("the agent is at rest") {
            let now = try await network.connectionsBegun()
            let status = try await self.status()
            quiet = now == last && status["connection"] == nil && status.object("spool").number("events") == 0 ? quiet + 1 : 0
            last = now
            // Changes that were noticed and not yet said take longer on a busy machine.
            try await Task.sleep(for: .milliseconds(500))
            return quiet == 3
        }
    }
}
