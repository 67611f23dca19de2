import MusterModel
import MusterSession
import MusterWire
import Testing

@testable import MusterAgent

/// The walk, as what is ordered and what is found.
@Suite("The walk of muster-agent check")
struct ConnectionCheckTests {
    private static let pin = Fingerprint(hash: [1])
    private static let other = Fingerprint(hash: [2])
    private static let identity = Identity(device: DeviceID.random(), keyPEM: "key", certificateDER: [1])
    private let ok = ConnectionSeen(
        address: "203.0.113.9", tcp: .milliseconds(3), tls: .milliseconds(8), shown: ConnectionCheckTests.pin)
    private let welcome = AgentProbe.Answer(time: Timestamp(milliseconds: 0), renewal: .none)

    private func check(
        _ origin: CheckSubject.Origin = .running, servers: Int = 1, proxy: String? = nil, isEnrolled: Bool = true
    ) -> ConnectionCheck {
        ConnectionCheck(
            CheckSubject(
                origin: origin, servers: (0..<servers).compactMap { ServerAddress("server\($0)") },
                proxy: proxy.flatMap { ProxyAddress($0) }, pins: [Self.pin], identity: isEnrolled ? Self.identity : nil))
    }

    private func transcript(_ check: ConnectionCheck) -> [String] {
        check.findings.map { "\($0.verdict.rawValue) \($0.step.rawValue) \($0.code)" }
    }

    private func seen(_ reason: CloseReason, shown: Fingerprint? = nil) -> ConnectionSeen {
        ConnectionSeen(shown: shown, failure: LinkFailure(reason, "in words"))
    }

    private func named(_ check: inout ConnectionCheck) { check.resolved(.success(["203.0.113.9"]), took: .milliseconds(2)) }

    @Test("all is well: a running agent synchronizes at the end")
    func well() throws {
        var check = check()
        #expect(check.order == .resolve(host: "server0"))
        check.resolved(.success(["203.0.113.9", "2001:db8::9"]), took: .milliseconds(2))
        #expect(check.order == .connect(try #require(ServerAddress("server0"))))
        check.connected(ok)
        #expect(check.order == .probe)
        check.served(welcome, clockOffset: .milliseconds(-40), took: .milliseconds(5))
        #expect(check.order == .synchronize)
        check.synchronized(SyncReport(durationSeconds: 0.5))
        #expect(check.order == .lookAtUDP)
        check.looked([])
        #expect(check.order == .done && check.failed == nil)
        #expect(
            transcript(check) == [
                "ok state running", "ok name resolved", "ok tcp connected", "ok tls secured", "ok server-key trusted",
                "ok authorization served", "ok clock right", "ok synchronization synchronized",
            ])
        #expect(check.findings[1].addresses == ["203.0.113.9", "2001:db8::9"] && check.findings[1].milliseconds == 2)
        #expect(check.findings[4].shown == Self.pin && check.findings.allSatisfy { $0.advice == nil })
        #expect(check.findings[6].text == "40 ms ahead of the server's")
    }

    @Test("what depends on a step that failed is not tried")
    func dependence() {
        var nameless = check()
        nameless.resolved(.failure(.unknown("no such name")), took: .zero)
        #expect(
            transcript(nameless) == [
                "ok state running", "failed name nameUnknown", "not-tried tcp notTried", "not-tried tls notTried",
                "not-tried server-key notTried", "not-tried authorization notTried", "not-tried clock notTried",
                "not-tried synchronization notTried",
            ])
        #expect(nameless.order == .lookAtUDP && nameless.failed == .name)
        var refused = check()
        named(&refused)
        refused.connected(ok)
        refused.notServed(LinkFailure(.deviceDeleted, "gone"))
        #expect(
            transcript(refused).suffix(3) == [
                "failed authorization deviceDeleted", "not-tried clock notTried", "not-tried synchronization notTried",
            ])
        #expect(refused.failed == .authorization && refused.findings[5].text == "gone")
    }

    @Test(
        "where a connection ends",
        arguments: [
            (CloseReason.unreachable, CheckStep.tcp), (.handshakeFailed, .tls), (.handshakeTimeout, .tls), (.closedByPeer, .tls),
            (.noApplicationProtocol, .tls), (.serverKeyMismatch, .serverKey),
        ])
    func connection(reason: CloseReason, step: CheckStep) {
        var check = check()
        named(&check)
        check.connected(seen(reason, shown: Self.other))
        #expect(check.failed == step)
        let steps = [CheckStep.tcp, .tls, .serverKey]
        for other in steps {
            let finding = check.findings.first { $0.step == other }
            let expected: CheckVerdict =
                other == step ? .failed : other.exitCode < step.exitCode ? .ok : .notTried
            #expect(finding?.verdict == expected, "\(other)")
        }
        let failed = check.findings.first { $0.step == step }
        #expect(failed?.code == reason.code && failed?.advice?.isEmpty == false)
        if step == .serverKey { #expect(failed?.shown == Self.other && failed?.trusted == [Self.pin]) }
    }

    @Test(
        "through a proxy: its name, then it, then the server behind it",
        arguments: [(CloseReason.proxyUnreachable, CheckStep.proxy), (.proxyRefused, .proxy), (.unreachable, .tcp)])
    func proxy(reason: CloseReason, step: CheckStep) {
        var check = check(proxy: "http://me:secret@proxy:3128")
        #expect(check.order == .resolve(host: "proxy"))
        named(&check)
        check.connected(seen(reason))
        #expect(check.failed == step)
        #expect(check.findings.filter { $0.verdict == .failed }.map(\.step) == [step])
        #expect(check.findings.contains { $0.step == .proxy })
        #expect(check.findings.allSatisfy { !$0.text.contains("secret") })
    }

    @Test("the next address is walked when one is not reached; one that serves is enough")
    func severalServers() throws {
        var check = check(servers: 3)
        named(&check)
        check.connected(seen(.unreachable))
        #expect(check.order == .resolve(host: "server1"))
        check.resolved(.failure(.noAnswer("x")), took: .zero)
        #expect(check.order == .resolve(host: "server2") && check.failed == .tcp)
        named(&check)
        check.connected(ok)
        check.served(welcome, clockOffset: .zero, took: .zero)
        #expect(check.failed == nil, "the others are shown, and do not count")
        #expect(check.findings.filter { $0.verdict == .failed }.map(\.server) == ["server0:13000", "server1:13000"])
        check.notSynchronized(AgentError(.connectionFailed, "lost"))
        #expect(check.failed == .synchronization)
    }

    @Test("none that is reached: the first one's failure counts")
    func noServer() {
        var check = check(servers: 2)
        named(&check)
        check.connected(seen(.serverKeyMismatch))
        named(&check)
        check.connected(seen(.unreachable))
        #expect(check.order == .lookAtUDP && check.failed == .serverKey)
    }

    @Test("before enrolment: as far as the server's key")
    func beforeEnrolment() {
        var check = check(.given, isEnrolled: false)
        named(&check)
        check.connected(ok)
        #expect(check.order == .lookAtUDP && check.failed == nil)
        #expect(
            transcript(check).suffix(4) == [
                "ok server-key trusted", "not-tried authorization notEnrolled", "not-tried clock notEnrolled",
                "not-tried synchronization notEnrolled",
            ])
    }

    @Test("without an agent: a probe, and that no agent runs")
    func stopped() {
        var check = check(.stopped(lastSynchronization: Timestamp(milliseconds: 0)))
        named(&check)
        check.connected(ok)
        check.served(welcome, clockOffset: .zero, took: .zero)
        #expect(check.order == .lookAtUDP && check.failed == .synchronization)
        #expect(check.findings.last?.text.contains("1970-01-01") == true)
    }

    @Test("nothing to go by: not enrolled, or a state nothing can be read of")
    func nothing() {
        let none = check(.stopped(lastSynchronization: nil), servers: 0, isEnrolled: false)
        #expect(none.order == .lookAtUDP && none.failed == .state && none.findings[0].code == "notEnrolled")
        let damaged = check(.damaged(.stateDamaged, reason: "agent.db: damaged"), servers: 0, isEnrolled: false)
        #expect(damaged.failed == .state && damaged.findings[0].text == "agent.db: damaged")
        #expect(damaged.findings.dropFirst().allSatisfy { $0.verdict == .notTried })
    }

    @Test("a damaged state of which enough can be read: the rest is checked, and the state counts")
    func damaged() {
        var check = check(.damaged(.stateDamaged, reason: "agent.db: damaged"))
        named(&check)
        check.connected(ok)
        check.served(welcome, clockOffset: .zero, took: .zero)
        #expect(check.failed == .state)
        #expect(check.findings.contains { $0.step == .authorization && $0.verdict == .ok })
    }

    @Test(
        "the clock: to a minute it is right",
        arguments: [(60_000, true), (60_001, false), (-60_000, true), (-86_400_000, false)] as [(Int64, Bool)])
    func clock(milliseconds: Int64, isRight: Bool) {
        var check = check()
        named(&check)
        check.connected(ok)
        check.served(welcome, clockOffset: .milliseconds(milliseconds), took: .zero)
        #expect(check.failed == (isRight ? nil : .clock))
        #expect(check.order == .synchronize, "connections work all the same")
    }

    @Test(
        "refused only as a session: the authorization failed, and nothing was synchronized",
        arguments: [(CloseReason.cloneSuspected, "split"), (.deviceDeleted, "--replace"), (.certificateSuperseded, "snapshot")])
    func refusedSession(reason: CloseReason, advice: String) {
        var check = check()
        named(&check)
        check.connected(ok)
        check.served(welcome, clockOffset: .zero, took: .milliseconds(5))
        check.notSynchronized(LinkFailure(reason).error)
        #expect(check.failed == .authorization && check.order == .lookAtUDP)
        #expect(
            transcript(check).suffix(3) == [
                "failed authorization \(reason.code)", "ok clock right", "not-tried synchronization notTried",
            ])
        let finding = check.findings[5]
        #expect(finding.advice?.contains(advice) == true && finding.text == reason.deviceWords)
        #expect(finding.server == "server0:13000")
    }

    @Test("a session that failed for another reason is the synchronization's failure")
    func brokenSession() {
        var check = check()
        named(&check)
        check.connected(ok)
        check.served(welcome, clockOffset: .zero, took: .zero)
        check.notSynchronized(LinkFailure(.busy).error)
        #expect(check.failed == .synchronization)
    }

    @Test("times are told to a tenth of a millisecond")
    func tenths() {
        #expect(CheckFinding(.name, .ok, "x", "", took: .microseconds(1894) + .nanoseconds(852)).milliseconds == 1.9)
        #expect(CheckFinding(.name, .ok, "x", "", took: .microseconds(49)).milliseconds == 0)
        var check = check()
        named(&check)
        check.connected(ok)
        check.served(welcome, clockOffset: .zero, took: .zero)
        check.synchronized(SyncReport(durationSeconds: 0.057))
        #expect(check.findings.last?.milliseconds == 57)
    }

    @Test(
        "the proxy's advice fits its answer",
        arguments: [
            (407, "user and password"), (403, "CONNECT"), (418, "its log"), (nil, "no HTTP proxy"),
        ] as [(Int?, String)])
    func proxyAdvice(status: Int?, said: String) {
        var failure = LinkFailure(.proxyRefused, "in words")
        failure.proxyStatus = status
        #expect(CheckAdvice.connection(failure, at: .proxy, isEnrolled: true).contains(said))
    }

    @Test("an expired certificate that may renew is served")
    func renewal() {
        var check = check()
        named(&check)
        check.connected(ok)
        check.served(.init(time: Timestamp(milliseconds: 0), renewal: .only), clockOffset: .zero, took: .zero)
        #expect(check.findings[5].code == "renewalOnly" && check.failed == nil)
    }

    @Test("when the time is over, what was not tried is said so, each step once", arguments: 0...4)
    func time(steps: Int) {
        var check = check()
        let facts: [(inout ConnectionCheck) -> Void] = [
            { named(&$0) }, { $0.connected(ok) }, { $0.served(welcome, clockOffset: .zero, took: .zero) },
            { $0.synchronized(SyncReport(durationSeconds: 1)) },
        ]
        for fact in facts.prefix(steps) { fact(&check) }
        check.timeIsOver()
        #expect(check.order == .done && check.failed == nil)
        #expect(check.findings.map(\.step) == CheckStep.allCases.filter { $0 != .proxy })
    }

    @Test("facts out of place change nothing")
    func outOfPlace() {
        var check = check()
        let before = check.findings
        check.connected(ok)
        check.served(welcome, clockOffset: .zero, took: .zero)
        check.notServed(LinkFailure(.busy))
        check.synchronized(SyncReport(durationSeconds: 1))
        check.notSynchronized(nil)
        check.looked([])
        #expect(check.findings == before && check.order == .resolve(host: "server0"))
    }

    @Test("exit codes are the README's, one a step")
    func exitCodes() {
        #expect(CheckStep.allCases.map(\.exitCode) == Array(10...19))
    }
}
