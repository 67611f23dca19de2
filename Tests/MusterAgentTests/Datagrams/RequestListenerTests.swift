import FoundationEssentials
import Glibc
import Logging
import MusterModel
import MusterSession
import MusterTestKit
import MusterTrust
import MusterWire
import Synchronization
import Testing

@testable import MusterAgent

/// The real UDP socket, the real state, and a mailbox that nobody but the test takes from.
@Suite("The agent's UDP port", .serialized, .timeLimit(.minutes(5)))
struct RequestListenerTests {
    private let site: Site

    init() throws { site = try Site() }

    @Test("an accepted request is on the disk before the link hears of it; copies and strangers are counted")
    func requests() async throws {
        try site.settings { $0.port = site.port }
        try await site.running {
            try await eventually { site.board.udpPort == site.port }
            let good = try site.request(site.now.milliseconds)
            try site.send(good + [0])
            try site.send(good)
            let input = await site.mailbox.take(within: .seconds(180))
            guard case .connectionRequested(isOneOfMany: false) = input else {
                Issue.record("\(String(describing: input))")
                return
            }
            #expect(try site.state.facts().requestCounter == UInt64(site.now.milliseconds))
            try site.send(good)
            try site.send(try site.request(site.now.milliseconds + 1, reason: 2))
            guard case .connectionRequested(isOneOfMany: true) = await site.mailbox.take(within: .seconds(180)) else {
                Issue.record("not one of many")
                return
            }
            let report = site.board.report
            #expect(report.counters.received == 4 && report.counters.accepted == 2 && report.counters.truncated == 1)
            #expect(report.counters.replayed == 1 && report.lastAccepted == site.now && report.failure == nil)
        }
        #expect(site.board.udpPort == site.port)
        #expect(try KnownRequests(site.state).counter == UInt64(site.now.milliseconds) + 1)
    }

    @Test("opens, moves and closes as the settings change, and says each time that the document changed")
    func settings() async throws {
        try site.settings { $0.listens = false }
        try await site.running {
            try await eventually { !site.board.report.listens }
            #expect(site.board.udpPort == 0 && site.board.report.failure == nil)
            let other = site.port + 1
            for port in [site.port, other] {
                try site.settings {
                    $0.listens = true
                    $0.port = port
                }
                try await eventually { site.board.udpPort == port }
            }
            try await eventually { (try? Blocker(site.port)) != nil }
            try site.settings { $0.listens = false }
            try await eventually { site.board.udpPort == 0 }
            try await eventually { (try? Blocker(other)) != nil }
            try await eventually { site.changes == 3 }
        }
    }

    @Test("a port that another program has is told, and nothing breaks")
    func taken() async throws {
        let blocker = try Blocker(site.port)
        try site.settings { $0.port = site.port }
        try await site.running {
            try await eventually { site.board.report.failure != nil }
            #expect(site.board.udpPort == 0)
            #expect(site.board.report.failure == "UDP port \(site.port) cannot be had: Address already in use")
            withExtendedLifetime(blocker) {}
        }
    }

    @Test("the port that was good stays open until the other can be had")
    func keepsTheOld() async throws {
        let (other, blocker) = (site.port + 1, try Blocker(site.port + 1))
        try site.settings { $0.port = site.port }
        try await site.running {
            try site.settings { $0.port = other }
            try await eventually { site.board.report.failure != nil }
            #expect(site.board.udpPort == site.port && site.board.report.wantedPort == other)
            try site.send(try site.request(site.now.milliseconds))
            guard case .connectionRequested = await site.mailbox.take(within: .seconds(180)) else {
                Issue.record("nothing came")
                return
            }
            blocker.free()
            site.board.settingsMayHaveChanged()
            try await eventually { site.board.udpPort == other }
            #expect(site.board.report.failure == nil)
            try await eventually { (try? Blocker(site.port)) != nil }
        }
    }

    @Test("opens the firewall by its setting, remembers it, and takes it away")
    func firewall() async throws {
        try site.ufw()
        try site.settings { $0.port = site.port }
        try await site.running {
            try await eventually { site.board.report.firewall.standing == .closed }
            #expect(site.board.report.firewall.kind == .ufw && !site.board.report.firewall.isManaged)
            try site.settings { $0.opensFirewall = true }
            try await eventually { site.board.report.firewall.standing == .open }
            #expect(site.board.report.firewall.isOpenedByAgent && site.board.report.firewall.isManaged)
            #expect(try site.state.openedPort() == OpenedPort(kind: .ufw, port: site.port))
            #expect(try site.ufwRules() == "\(site.port)/udp ALLOW IN Anywhere # muster-agent\n")
            try site.settings { $0.port += 1 }
            try await eventually { (try? site.ufwRules()) == "\(site.port + 1)/udp ALLOW IN Anywhere # muster-agent\n" }
            try await eventually { site.board.report.firewall.standing == .open }
            try site.settings { $0.opensFirewall = false }
            try await eventually { site.board.report.firewall.standing == .closed }
            #expect(try site.ufwRules() == "")
            #expect(try site.state.openedPort() == nil)
        }
    }

    @Test("a rule of the administrator's is neither doubled nor taken away")
    func administratorsRule() async throws {
        try site.ufw()
        try site.programs.write("rules", "\(site.port)/udp ALLOW IN Anywhere\n")
        try site.settings {
            $0.port = site.port
            $0.opensFirewall = true
        }
        try await site.running {
            try await eventually { site.board.report.firewall.standing == .open }
            #expect(!site.board.report.firewall.isOpenedByAgent)
            try site.settings { $0.opensFirewall = false }
            try await eventually { !site.board.report.firewall.isManaged }
        }
        #expect(try site.ufwRules() == "\(site.port)/udp ALLOW IN Anywhere\n")
    }
}

private func eventually(_ isSo: () throws -> Bool) async throws { try await MusterTestKit.eventually("it becomes so", isSo) }

/// Holds a UDP port, or cannot.
private final class Blocker {
    private let descriptor: Int32
    private let isOpen = Mutex(true)

    init(_ port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard bound(descriptor, to: port) else {
            free()
            throw AgentError.system(.internalError, "bind", errno)
        }
    }

    deinit { free() }

    func free() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { close(descriptor) }
    }
}

private func address(_ port: UInt16) -> sockaddr_in {
    sockaddr_in(
        sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian, sin_addr: in_addr(s_addr: INADDR_LOOPBACK.bigEndian),
        sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
}

private func bound(_ descriptor: Int32, to port: UInt16) -> Bool {
    var place = address(port)
    return withUnsafePointer(to: &place) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

private final class Site: Sendable {
    let port: UInt16
    let now = noon
    let board = RequestBoard()
    let mailbox = Mailbox<LinkInput>(merge: LinkInput.merge)
    let programs: FakePrograms
    var state: AgentState { fixture.state }
    var changes: Int { changed.count }
    private let fixture: StateFixture
    private let server = PrivateKey.generate()
    private let device = DeviceID.random()
    private let changed = Counter()

    init() throws {
        port = UInt16.random(in: 20_000...30_000)
        fixture = try StateFixture()
        programs = try FakePrograms()
        let certificate = try ServerCertificate.make(key: server, now: noon, lifetime: .days(10))
        try fixture.state.adopt(
            Enrolment(
                identity: Identity(device: device, keyPEM: PrivateKey.generate().pem, certificateDER: [1]), pins: [server.pin],
                servers: [try #require(ServerAddress("127.0.0.1:1"))], serverCertificateDER: certificate))
        try fixture.state.update { $0.clockOffset = .zero }
    }

    /// Changes the settings in force, as a synchronization does.
    func settings(_ change: (inout RequestSettings) -> Void) throws {
        var settings = try AgentSettings(state.held(.agent) ?? .empty)
        change(&settings.requests)
        try state.saveHeld(.agent, Document(settings))
        board.settingsMayHaveChanged()
    }

    func request(_ counter: Int64, reason: UInt8 = 1) throws -> [UInt8] {
        try Datagram(
            kind: .connectionRequest, reason: reason, keyID: Digest(keyID: server.pin), device: device, counter: UInt64(counter),
            time: now, runID: 0
        ).signed(with: server)
    }

    func send(_ bytes: [UInt8]) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var place = address(port)
        let sent = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(sent == bytes.count)
    }

    /// A ufw that keeps its rules in a file.
    func ufw() throws {
        let rules = programs.file("rules")
        try programs.write("rules", "")
        try programs.add(
            "ufw",
            """
            case "$1" in
            status) echo 'Status: active'; echo 'Default: deny (incoming)'; cat \(rules);;
            allow) echo "$2 ALLOW IN Anywhere # $4" >> \(rules);;
            delete) grep -v "^$3 " \(rules) > \(rules).new; mv \(rules).new \(rules);;
            esac
            """)
    }

    func ufwRules() throws -> String { try String(contentsOf: URL(filePath: programs.file("rules")), encoding: .utf8) }

    /// The listener as the agent runs it, until `body` ends.
    func running(_ body: () async throws -> Void) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let storage = AgentStorage(state: state, spool: fixture.spool)
        board.learn(try KnownRequests(state), clock: nil, now: now)
        let listener = RequestListener(
            storage: storage, board: board, firewall: DeviceFirewall(program: programs.system, logger: logger), mailbox: mailbox,
            logger: logger, now: { self.now })
        let open = await listener.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run(open, portChanged: { self.changed.add() }) }
            defer { group.cancelAll() }
            try await body()
        }
        await storage.close()
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() { value.withLock { $0 += 1 } }
}
