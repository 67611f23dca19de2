import MusterModel
import MusterSession

/// Walks a check: the rules are `ConnectionCheck`'s, this tries what it says.
struct CheckRun {
    /// No step of the way is begun later than this. The longest takes 30 s (TCP, proxy and TLS, 10 s each), so that the way is over after 70 s.
    static let time = Duration.seconds(40)
    /// For the synchronization at the end: with the way 115 s, and the control socket gives a request 120 s (`ControlLimits.requestTime`).
    static let synchronizationTime = Duration.seconds(45)

    let subject: CheckSubject
    /// Nil where no agent runs.
    var link: LinkReport?
    /// How connection requests stand.
    var requests = UDPSeen.Requests.noAgent
    /// Has the running agent synchronize.
    var synchronize: (@Sendable () async -> Result<SyncReport, AgentError>)?
    var now: @Sendable () -> Timestamp = { .now() }

    func report() async -> CheckReport {
        var check = ConnectionCheck(subject)
        let deadline = ContinuousClock.now + Self.time
        var channel: ServerChannel?
        while check.order != .done {
            let isPast = ContinuousClock.now >= deadline && check.order != .synchronize && check.order != .lookAtUDP
            if isPast { check.timeIsOver() } else { await step(&check, &channel) }
            // As before enrolment nothing is asked.
            if check.order != .probe, let open = channel {
                await AuthorizationProbe.leave(open)
                channel = nil
            }
        }
        return CheckReport(
            agentVersion: AgentVersion.current, device: subject.identity?.device, proxy: subject.proxy?.description, link: link,
            findings: check.findings, failed: check.failed, exitCode: check.failed?.exitCode ?? 0)
    }

    private func step(_ check: inout ConnectionCheck, _ channel: inout ServerChannel?) async {
        let began = ContinuousClock.now
        switch check.order {
        case .resolve(let host):
            let result = await NameProbe.resolve(host)
            check.resolved(result, took: ContinuousClock.now - began)
        case .connect(let server):
            let (seen, open) = await ConnectionProbe.connect(to: server, as: subject)
            channel = open
            check.connected(seen)
        case .probe: await ask(&check, &channel)
        case .synchronize:
            guard let synchronize else { return check.notSynchronized(.stopping) }
            switch await Bounded.first(within: Self.synchronizationTime, synchronize) {
            case .success(let report): check.synchronized(report)
            case .failure(let error): check.notSynchronized(error)
            case nil: check.notSynchronized(nil)
            }
        case .lookAtUDP:
            let answer = check.answer
            check.looked(
                UDPSeen(
                    requests: subject.identity == nil ? .notEnrolled : requests, noticeReceived: answer?.noticeReceived,
                    isServerAsked: answer != nil
                ).findings)
        case .done: break
        }
    }

    private func ask(_ check: inout ConnectionCheck, _ channel: inout ServerChannel?) async {
        guard let open = channel else { return check.notServed(LinkFailure(.internalError, "there is no connection")) }
        channel = nil
        do throws(LinkFailure) {
            let answer = try await AuthorizationProbe(channel: open, now: now).ask()
            check.served(answer.answer, clockOffset: answer.clockOffset, took: answer.took)
        } catch {
            check.notServed(error)
        }
    }
}
