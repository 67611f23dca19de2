import Glibc
import MusterModel
import Testing

@testable import MusterAgent

/// The real nft in a network of its own.
@Suite("nftables", .enabled("needs root and nft") { geteuid() == 0 && SystemProgram().isThere("nft") })
struct NftablesTests {
    @Test("a chain that drops gets one rule, marked, at its top, and it is taken away again")
    func opensAndCloses() async throws {
        let network = try await Network()
        let nftables = Nftables(program: network.program)
        #expect(await nftables.isInForce() == false, "an empty ruleset")
        try await network.load(
            """
            table inet filter {
                chain input {
                    type filter hook input priority filter; policy drop;
                    ct state established accept
                    udp dport 53 accept comment "names"
                }
                chain forward {
                    type filter hook forward priority filter; policy drop;
                }
            }
            table ip other {
                chain in {
                    type filter hook input priority 10; policy drop;
                    udp dport { 14000, 15000 } accept
                }
            }
            """)
        let before = try await network.ruleset()
        #expect(await nftables.isInForce() == true)
        #expect(await nftables.isOpen(15000) == false)
        #expect(await nftables.isOpen(53) == false, "one of the two chains drops it")
        #expect(await nftables.open(15000) == nil)
        #expect(await nftables.isOpen(15000) == true)
        let opened = try await network.ruleset()
        #expect(opened.contains("udp dport 15000 counter packets 0 bytes 0 accept comment \"muster-agent\""))
        #expect(opened.split(separator: "muster-agent").count == 2, "only where it was not open")
        #expect(await nftables.open(15000) == nil)
        #expect(try await network.ruleset() == opened, "once more changes nothing")
        #expect(await nftables.close(15000) == nil)
        #expect(try await network.ruleset() == before)
        #expect(await nftables.close(15000) == nil, "gone already")
    }

    @Test("rules of another form are not taken for open, and chains that accept are left alone")
    func otherForms() async throws {
        let network = try await Network()
        let nftables = Nftables(program: network.program)
        try await network.load(
            """
            table ip6 filter {
                set ports {
                    type inet_service
                    elements = { 15000 }
                }
                chain input {
                    type filter hook input priority filter; policy drop;
                    ip6 saddr fd00::/8 udp dport 15000 accept
                    tcp dport 15000 accept
                    udp dport 15000 drop
                    udp dport != 15000 accept
                    udp dport @ports counter accept
                    jump more
                }
                chain more {
                    udp dport 15000 accept
                }
            }
            table inet open {
                chain input {
                    type filter hook input priority 5; policy accept;
                }
            }
            """)
        #expect(await nftables.isOpen(15000) == false)
        #expect(await nftables.open(15000) == nil)
        #expect(await nftables.isOpen(15000) == true)
        #expect(try await network.ruleset().split(separator: "muster-agent").count == 2)
    }

    @Test("a chain that accepts but ends by refusing everything counts as one that drops", arguments: ["drop", "counter reject"])
    func lastRule(refusal: String) async throws {
        let network = try await Network()
        let nftables = Nftables(program: network.program)
        func load(_ rules: String) async throws {
            try await network.load(
                """
                flush ruleset
                table inet filter {
                    chain input {
                        type filter hook input priority filter; policy accept;
                        ct state established accept
                        \(rules)
                    }
                }
                """)
        }
        try await load("tcp dport 15000 \(refusal)")
        #expect(await nftables.isInForce() == false)
        try await load("log prefix \"refused \" \(refusal)")
        #expect(await nftables.isInForce() == true)
        #expect(await nftables.isOpen(15000) == false)
        #expect(await nftables.open(15000) == nil)
        #expect(await nftables.isOpen(15000) == true)
        #expect(await nftables.close(15000) == nil)
        #expect(await nftables.isOpen(15000) == false)
    }

    @Test("without the right to look it is not known")
    func noRight() async throws {
        let programs = try FakePrograms()
        try programs.add("nft", "echo 'Operation not permitted' >&2; exit 1")
        let nftables = Nftables(program: programs.system)
        #expect(await nftables.isInForce() == false)
        #expect(await nftables.isOpen(15000) == nil)
        #expect(await nftables.open(15000) == "nft does not show its ruleset")
        try programs.add("nft", "echo '{\"nftables\": [{\"chain\": 7}, 3]}'")
        #expect(await nftables.isOpen(15000) == nil)
    }

    @Test("a packet gets through only while it is open")
    func packets() async throws {
        let network = try await Network()
        let nftables = Nftables(program: network.program)
        try await network.load(
            """
            table inet filter {
                chain input {
                    type filter hook input priority filter; policy drop;
                }
            }
            """)
        func passed() async throws -> Bool {
            let script = """
                ip link set lo up
                timeout 2 python3 -c "
                import socket
                r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); r.bind(('127.0.0.1', 15000)); r.settimeout(0.5)
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 15000)); r.recv(1)"
                """
            return await network.program.run("sh", ["-c", script])?.isSuccess ?? false
        }
        #expect(try await passed() == false)
        #expect(await nftables.open(15000) == nil)
        #expect(try await passed() == true)
        #expect(await nftables.close(15000) == nil)
        #expect(try await passed() == false)
    }
}

/// A network namespace that goes with this value.
private final class Network: Sendable {
    let name = "muster-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let program: SystemProgram

    init() async throws {
        program = SystemProgram(prefix: ["/usr/sbin/ip", "netns", "exec", name])
        try #require(await SystemProgram().run("ip", ["netns", "add", name])?.isSuccess == true)
    }

    deinit {
        umount2("/run/netns/\(name)", Int32(MNT_DETACH))
        unlink("/run/netns/\(name)")
    }

    func load(_ rules: String) async throws {
        let output = try #require(await program.run("sh", ["-c", "nft -f - <<'E'\n\(rules)\nE"]))
        try #require(output.isSuccess, "\(output.error)")
    }

    func ruleset() async throws -> String { try #require(await program.run("nft", ["list", "ruleset"])).text }
}
