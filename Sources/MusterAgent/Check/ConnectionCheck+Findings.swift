import MusterModel
import MusterSession
import MusterWire

/// What is said of what was seen. What to do about it: `CheckAdvice`.
extension ConnectionCheck {
    var stateFinding: CheckFinding {
        let device = subject.identity.map { "this device is \($0.device)" } ?? "this device is not enrolled"
        switch subject.origin {
        case .given:
            return CheckFinding(.state, .notTried, "given", "as before enrolment, with the addresses and pins that were given")
        case .running: return CheckFinding(.state, .ok, "running", "\(device), and its agent runs")
        case .silent: return CheckFinding(.state, .ok, "silent", "\(device); its agent runs and does not answer")
        case .stopped where subject.identity == nil:
            return CheckFinding(.state, .failed, "notEnrolled", device, advice: CheckAdvice.enrol)
        case .stopped: return CheckFinding(.state, .ok, "stopped", "\(device); its agent does not run")
        case .damaged(let code, let reason):
            return CheckFinding(
                .state, .failed, code.rawValue, reason, advice: CheckAdvice.state(code, hasServers: !subject.servers.isEmpty))
        }
    }

    func resolvedFinding(_ addresses: [String], _ took: Duration) -> CheckFinding {
        let host = subject.proxy?.address.host ?? server?.host ?? ""
        let isAddress = addresses == [host]
        var text =
            isAddress ? "\(host) is an address: there is nothing to resolve" : "\(host) is \(addresses.joined(separator: ", "))"
        if subject.proxy != nil { text += "; the server's own name is resolved by the proxy" }
        var finding = CheckFinding(.name, .ok, isAddress ? "address" : "resolved", text, took: isAddress ? nil : took)
        finding.addresses = addresses
        return finding
    }

    func notResolvedFinding(_ failure: NameFailure, _ took: Duration) -> CheckFinding {
        let host = subject.proxy?.address.host ?? server?.host ?? ""
        switch failure {
        case .unknown(let words):
            return CheckFinding(
                .name, .failed, "nameUnknown", "\(host) is not known: \(words)", advice: CheckAdvice.nameUnknown, took: took)
        case .noAnswer(let words):
            return CheckFinding(
                .name, .failed, "nameNoAnswer", "\(host) could not be looked up: \(words)", advice: CheckAdvice.nameNoAnswer,
                took: took)
        }
    }

    func passedFinding(_ step: CheckStep, _ seen: ConnectionSeen) -> CheckFinding {
        var finding: CheckFinding
        switch step {
        case .proxy:
            let opened = seen.proxy == nil ? "answers" : "opened the way to the server"
            let tcp = seen.tcp ?? .zero
            finding = CheckFinding(
                step, .ok, "open", "\(subject.proxy?.description ?? "the proxy") \(opened)",
                took: seen.proxy.map { tcp + $0 } ?? tcp)
        case .tcp where subject.proxy != nil:
            finding = CheckFinding(step, .ok, "connected", "through the proxy; the agent does not see the server's address")
        case .tcp:
            finding = CheckFinding(
                step, .ok, "connected", "connected to \(seen.address ?? "the server"), port \(server?.port ?? 0)", took: seen.tcp)
        case .tls: finding = CheckFinding(step, .ok, "secured", "TLS 1.3", took: seen.tls)
        default:
            finding = CheckFinding(step, .ok, "trusted", "the server's key is one this device trusts")
            finding.trusted = subject.pins
        }
        finding.shown = step == .serverKey ? seen.shown : nil
        if step == .tcp || step == .proxy { finding.addresses = seen.address.map { [$0] } }
        return finding
    }

    /// - Parameter seen: nil once the connection was up.
    func failedFinding(_ step: CheckStep, _ failure: LinkFailure, _ seen: ConnectionSeen?) -> CheckFinding {
        var finding = CheckFinding(
            step, .failed, failure.reason.code, failure.text.isEmpty ? failure.reason.deviceWords : failure.text,
            advice: CheckAdvice.connection(failure, at: step, isEnrolled: subject.identity != nil))
        if step == .serverKey {
            finding.text = "the server shows another key than those this device trusts"
            finding.shown = seen?.shown
            finding.trusted = subject.pins
        }
        return finding
    }

    var beforeEnrolmentFinding: CheckFinding {
        CheckFinding(
            .authorization, .notTried, "notEnrolled",
            "the server's key is right and it takes enrolments; whether a token is good shows when it is used")
    }

    func servedFinding(_ answer: AgentProbe.Answer, _ took: Duration) -> CheckFinding {
        switch answer.renewal {
        case .only:
            CheckFinding(
                .authorization, .ok, "renewalOnly",
                "this device's certificate has expired; the server renews it at the agent's next connection", took: took)
        default: CheckFinding(.authorization, .ok, "served", "the server knows this device and serves it", took: took)
        }
    }

    func clockFinding(_ offset: Duration) -> CheckFinding {
        let size = offset < .zero ? .zero - offset : offset
        let direction = offset < .zero ? "ahead of" : "behind"
        guard size > Self.clockTolerance else {
            return CheckFinding(.clock, .ok, "right", "\(size.milliseconds) ms \(direction) the server's")
        }
        let rounded = Duration.seconds(size.milliseconds / 1000)
        return CheckFinding(
            .clock, .failed, "clockOff", "this device's clock is \(rounded.text) \(direction) the server's",
            advice: CheckAdvice.clock)
    }

    var notRunningFinding: CheckFinding {
        if case .silent = subject.origin {
            return CheckFinding(
                .synchronization, .failed, "silent", "the agent does not answer", advice: CheckAdvice.silent)
        }
        var text = "no agent runs on this device"
        if case .stopped(let last?) = subject.origin { text += "; the last synchronization was at \(last)" }
        let advice = if case .damaged = subject.origin { nil as String? } else { CheckAdvice.notRunning }
        return CheckFinding(.synchronization, .failed, "notRunning", text, advice: advice)
    }

    func synchronizedFinding(_ report: SyncReport) -> CheckFinding {
        let next = report.nextSynchronization.map { "; the next is at \($0)" } ?? ""
        var finding = CheckFinding(.synchronization, .ok, "synchronized", "complete\(next)")
        finding.milliseconds = CheckFinding.tenths(of: report.durationSeconds * 1000)
        return finding
    }

    func notSynchronizedFinding(_ error: AgentError?) -> CheckFinding {
        guard let error else {
            return CheckFinding(
                .synchronization, .notTried, "underWay", "it is under way and has not ended yet", advice: CheckAdvice.underWay)
        }
        return CheckFinding(
            .synchronization, .failed, error.code.rawValue, error.reason, advice: CheckAdvice.notSynchronized)
    }
}
