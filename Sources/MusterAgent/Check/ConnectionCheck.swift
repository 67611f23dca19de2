import MusterModel
import MusterSession

/// The walk of `muster-agent check`: says what to try next, hears what was seen, and judges it. The shell (`CheckRun`) tries.
///
/// Servers are walked in their order up to the first whose key is right; the others are shown. What depends on a step that failed is not
/// tried. Texts are in `ConnectionCheck+Findings`, what to do in `CheckAdvice`.
struct ConnectionCheck: Sendable {
    enum Order: Hashable, Sendable {
        /// Answer with `resolved`.
        case resolve(host: String)
        /// Answer with `connected`.
        case connect(ServerAddress)
        /// Ask over that connection; answer with `served` or `notServed`.
        case probe
        /// Answer with `synchronized` or `notSynchronized`.
        case synchronize
        /// Answer with `looked`.
        case lookAtUDP
        case done
    }

    enum State: Hashable {
        /// Of this server. Can go to: connection, udp.
        case name(Int)
        /// Can go to: authorization, name of the next server, udp.
        case connection(Int)
        /// Can go to: synchronization, udp.
        case authorization(Int)
        /// Can go to: udp.
        case synchronization
        /// Can go to: done.
        case udp
        case done
    }

    /// Further off than this a clock is wrong: the same as the agent's own event says.
    static let clockTolerance = Link.clockTolerance
    private static let notServed = "the server does not serve this device"

    let subject: CheckSubject
    var state: State
    var findings: [CheckFinding] = []
    /// What the server said to the probe.
    private(set) var answer: AgentProbe.Answer?
    /// The server whose key is right.
    private var chosen: ServerAddress?

    init(_ subject: CheckSubject) {
        self.subject = subject
        state = subject.servers.isEmpty ? .udp : .name(0)
        findings.append(stateFinding)
        if subject.servers.isEmpty { skip(.name, .synchronization, "noServer", "no server address is known") }
    }

    var order: Order {
        switch state {
        case .name: .resolve(host: subject.proxy?.address.host ?? server?.host ?? "")
        case .connection: server.map { .connect($0) } ?? .done
        case .authorization: .probe
        case .synchronization: .synchronize
        case .udp: .lookAtUDP
        case .done: .done
        }
    }

    /// The first that failed, of those that matter.
    var failed: CheckStep? {
        findings.first { finding in
            finding.verdict == .failed && (chosen == nil || finding.server == nil || finding.server == chosen?.description)
        }?.step
    }

    var server: ServerAddress? {
        switch state {
        case .name(let index), .connection(let index), .authorization(let index):
            subject.servers.indices.contains(index) ? subject.servers[index] : nil
        case .synchronization, .udp, .done: nil
        }
    }
}

// MARK: What was seen

extension ConnectionCheck {
    mutating func resolved(_ result: Result<[String], NameFailure>, took: Duration) {
        guard case .name(let index) = state else { return }
        switch result {
        case .success(let addresses):
            note(resolvedFinding(addresses, took))
            state = .connection(index)
        case .failure(let failure):
            note(notResolvedFinding(failure, took))
            skip(subject.proxy == nil ? .tcp : .proxy, .serverKey, "notTried", "the name is not resolved")
            nextServer(after: index)
        }
    }

    mutating func connected(_ seen: ConnectionSeen) {
        guard case .connection(let index) = state else { return }
        var steps = [CheckStep.tcp, .tls, .serverKey]
        if subject.proxy != nil { steps.insert(.proxy, at: 0) }
        let failing = seen.failure.map { step(of: $0) }
        while let step = steps.first, step != failing {
            note(passedFinding(step, seen))
            steps.removeFirst()
        }
        guard let failing, let failure = seen.failure else {
            chosen = server
            return authorize(index)
        }
        note(failedFinding(failing, failure, seen))
        if let next = steps.dropFirst().first {
            skip(next, .serverKey, "notTried", failing == .proxy ? "the proxy did not open the way" : "there is no connection")
        }
        nextServer(after: index)
    }

    mutating func served(_ answer: AgentProbe.Answer, clockOffset: Duration, took: Duration) {
        guard case .authorization = state else { return }
        self.answer = answer
        note(servedFinding(answer, took))
        note(clockFinding(clockOffset))
        endServers()
        switch subject.origin {
        case .running: state = .synchronization
        default: findings.append(notRunningFinding)
        }
    }

    mutating func notServed(_ failure: LinkFailure) {
        guard case .authorization = state else { return }
        note(failedFinding(.authorization, failure, nil))
        endServers()
        skip(.clock, .synchronization, "notTried", Self.notServed)
    }

    mutating func synchronized(_ report: SyncReport) {
        guard case .synchronization = state else { return }
        findings.append(synchronizedFinding(report))
        state = .udp
    }

    /// - Parameter error: nil: it had not ended when the time for it was over.
    mutating func notSynchronized(_ error: AgentError?) {
        guard case .synchronization = state else { return }
        state = .udp
        if let reason = error?.closeReason, reason.isAboutDevice { return refused(reason) }
        findings.append(notSynchronizedFinding(error))
    }

    mutating func looked(_ seen: [CheckFinding]) {
        guard case .udp = state else { return }
        findings += seen
        state = .done
    }

    /// The time for all of it is over: what was not tried yet is not tried any more.
    mutating func timeIsOver() {
        switch state {
        case .name, .connection, .authorization:
            let reached = findings.last?.step ?? .state
            let steps = CheckStep.allCases.drop { $0 != reached }.dropFirst().filter { $0 != .proxy || subject.proxy != nil }
            if let first = steps.first { skip(first, .synchronization, "noTime", "no time was left") }
        case .synchronization: skip(.synchronization, .synchronization, "noTime", "no time was left")
        case .udp, .done: break
        }
        if state != .done { skip(.udp, .udp, "noTime", "no time was left") }
        state = .done
    }
}

// MARK: The rules inside

extension ConnectionCheck {
    private mutating func authorize(_ index: Int) {
        if subject.identity != nil {
            state = .authorization(index)
            return
        }
        note(beforeEnrolmentFinding)
        endServers()
        skip(.clock, .synchronization, "notEnrolled", "this device is not enrolled")
    }

    private mutating func nextServer(after index: Int) {
        if subject.servers.indices.contains(index + 1) {
            state = .name(index + 1)
            return
        }
        endServers()
        skip(.authorization, .synchronization, "notTried", "there is no way to the server")
    }

    /// A probe is served where a session is refused: only that tells the server which of several machines comes.
    private mutating func refused(_ reason: CloseReason) {
        if let index = findings.lastIndex(where: { $0.step == .authorization }) {
            var finding = failedFinding(.authorization, LinkFailure(reason, reason.deviceWords), nil)
            finding.server = findings[index].server
            findings[index] = finding
        }
        skip(.synchronization, .synchronization, "notTried", Self.notServed)
    }

    private mutating func endServers() { state = .udp }

    /// Which step a connection did not get past.
    private func step(of failure: LinkFailure) -> CheckStep {
        switch failure.reason {
        case .proxyUnreachable, .proxyRefused: .proxy
        case .unreachable: .tcp
        case .serverKeyMismatch: .serverKey
        default: .tls
        }
    }

    /// About the server of now.
    private mutating func note(_ finding: CheckFinding) {
        var finding = finding
        finding.server = server?.description
        findings.append(finding)
    }

    private mutating func skip(_ first: CheckStep, _ last: CheckStep, _ code: String, _ why: String) {
        let steps = CheckStep.allCases.drop { $0 != first }
        for step in steps where step.exitCode <= last.exitCode && (step != .proxy || subject.proxy != nil) {
            note(CheckFinding(step, .notTried, code, why))
        }
    }
}

/// Why a name is not resolved.
enum NameFailure: Error, Hashable, Sendable {
    /// There is no such name, by all that was asked; in the system's words.
    case unknown(String)
    /// Nobody could be asked; in the system's words.
    case noAnswer(String)
}

/// What a connection attempt saw.
struct ConnectionSeen: Hashable, Sendable {
    /// The other end of TCP: the server's, or the proxy's.
    var address: String?
    /// Until TCP was up, from then until the proxy's answer, from then until TLS was up.
    var tcp: Duration?
    var proxy: Duration?
    var tls: Duration?
    var shown: Fingerprint?
    /// Nil: all of it is up, with the right key.
    var failure: LinkFailure?

    init(
        address: String? = nil, tcp: Duration? = nil, proxy: Duration? = nil, tls: Duration? = nil, shown: Fingerprint? = nil,
        failure: LinkFailure? = nil
    ) {
        self.address = address
        self.tcp = tcp
        self.proxy = proxy
        self.tls = tls
        self.shown = shown
        self.failure = failure
    }
}
