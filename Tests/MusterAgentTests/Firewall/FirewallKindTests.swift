import FoundationEssentials
import MusterModel
import Testing

@testable import MusterAgent

@Suite("ufw")
struct UFWTests {
    private static let head = """
        Status: active
        Logging: on (low)
        Default: deny (incoming), allow (outgoing), disabled (routed)
        New profiles: skip

        To                         Action      From
        --                         ------      ----

        """

    @Test(
        "what its rules say of the port",
        arguments: [
            ("", false), ("22/tcp                     ALLOW IN    Anywhere", false),
            ("15000/udp                  ALLOW IN    Anywhere                   # muster-agent", true),
            ("15000                      ALLOW IN    Anywhere", true), ("15000/tcp                  ALLOW IN    Anywhere", false),
            ("15000/udp                  LIMIT IN    Anywhere", true), ("14000:16000/udp            ALLOW IN    Anywhere", true),
            ("14000,15000/udp            ALLOW IN    Anywhere", true), ("16000:17000/udp            ALLOW IN    Anywhere", false),
            ("15000/udp                  ALLOW IN    10.0.0.0/8", false),
            ("15000/udp                  ALLOW OUT   Anywhere", false),
            ("15000/udp                  DENY IN     Anywhere\n15000/udp                  ALLOW IN    Anywhere", false),
            ("15000/udp (v6)             ALLOW IN    Anywhere (v6)", true),
            ("Anywhere                   ALLOW IN    Anywhere", true),
        ])
    func rules(text: String, isOpen: Bool) { #expect(UFW.isOpen(15000, by: Self.head + text) == isOpen) }

    @Test("lets everything in by default where the administrator says so")
    func standard() {
        let status = Self.head.split(separator: "deny (incoming)").joined(separator: "allow (incoming)")
        #expect(UFW.isOpen(15000, by: status))
        #expect(!UFW.isOpen(15000, by: status + "15000/udp                  REJECT IN   Anywhere"))
    }

    @Test("is asked and told by its program")
    func program() async throws {
        let programs = try FakePrograms()
        let ufw = UFW(program: programs.system)
        #expect(await ufw.isInForce() == false)
        let status = "echo 'Status: active'; echo 'Default: deny (incoming)'"
        let script = """
            echo "$@" >> \(programs.file("said"))
            [ "$1" = status ] && { \(status); cat \(programs.file("rules")) 2>/dev/null; exit 0; }
            [ "$1" = allow ] && echo "$2 ALLOW IN Anywhere # $4" > \(programs.file("rules"))
            [ "$1" = delete ] && rm \(programs.file("rules"))
            exit 0
            """
        try programs.add("ufw", script)
        #expect(await ufw.isInForce() == true)
        #expect(await ufw.isOpen(15000) == false)
        #expect(await ufw.open(15000) == nil)
        #expect(await ufw.isOpen(15000) == true)
        #expect(await ufw.close(15000) == nil)
        #expect(await ufw.isOpen(15000) == false)
        let said = try String(contentsOf: URL(filePath: programs.file("said")), encoding: .utf8).split(separator: "\n")
        #expect(said.filter { !$0.hasPrefix("status") } == ["allow 15000/udp comment muster-agent", "delete allow 15000/udp"])
        try programs.add("ufw", "echo 'ERROR: need root' >&2; exit 1")
        #expect(await ufw.open(15000) == "ufw allow failed: ERROR: need root")
        #expect(await ufw.isInForce() == false)
        #expect(await ufw.isOpen(15000) == nil)
    }
}

@Suite("firewalld")
struct FirewalldTests {
    @Test("is asked and told by its program, for now and for its next start")
    func program() async throws {
        let programs = try FakePrograms()
        let firewalld = Firewalld(program: programs.system)
        #expect(await firewalld.isInForce() == false)
        let script = """
            echo "$@" >> \(programs.file("said"))
            case "$1" in
            --state) exit 0;;
            --query-port=15000/udp) [ -e \(programs.file("open")) ]; exit $?;;
            --query-port=*) exit 252;;
            --add-port=*) touch \(programs.file("open"));;
            --remove-port=*) rm -f \(programs.file("open"));;
            esac
            """
        try programs.add("firewall-cmd", script)
        #expect(await firewalld.isInForce() == true)
        #expect(await firewalld.isOpen(15000) == false)
        #expect(await firewalld.isOpen(15001) == nil)
        #expect(await firewalld.open(15000) == nil)
        #expect(await firewalld.isOpen(15000) == true)
        #expect(await firewalld.close(15000) == nil)
        let said = try String(contentsOf: URL(filePath: programs.file("said")), encoding: .utf8).split(separator: "\n")
        #expect(
            said.filter { $0.contains("add") || $0.contains("remove") } == [
                "--add-port=15000/udp", "--permanent --add-port=15000/udp", "--remove-port=15000/udp",
                "--permanent --remove-port=15000/udp",
            ])
    }
}
