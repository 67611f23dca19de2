import MusterModel

/// What is known of UDP in both directions. Connection requests come to this device; shutdown notices go to the server, and nobody ever
/// answers one, so the server's own word is all there is to go by.
struct UDPSeen: Hashable, Sendable {
    enum Firewall: Hashable, Sendable {
        /// None is in the way, or it lets the port through.
        case open
        /// - Parameters:
        ///   - name: of the firewall.
        ///   - isManaged: the agent is to open it by its settings.
        ///   - detail: why it did not; may be empty.
        case closed(name: String, isManaged: Bool, detail: String)
        case unknown(detail: String)
    }

    enum Requests: Hashable, Sendable {
        /// As before enrolment.
        case notEnrolled
        /// No agent runs: nobody listens.
        case noAgent
        /// An agent runs and does not answer.
        case silent
        case switchedOff
        case notListening(port: UInt16, why: String)
        /// - Parameter lastAccepted: since the agent started.
        case listening(port: UInt16, Firewall, lastAccepted: Timestamp?)
    }

    var requests: Requests
    /// When the server last heard a notice of this device, by its clock, as it said in answer to the probe: nil: it knows of none.
    var noticeReceived: Timestamp?
    /// The server was not asked.
    var isServerAsked: Bool
}

extension UDPSeen {
    /// Before enrolment there is nothing to be said of notices.
    var findings: [CheckFinding] { requests == .notEnrolled ? [requestsFinding] : [requestsFinding, noticesFinding] }

    private var requestsFinding: CheckFinding {
        switch requests {
        case .notEnrolled:
            return CheckFinding(.udp, .notTried, "notEnrolled", "an agent listens for connection requests once it is enrolled")
        case .silent: return CheckFinding(.udp, .notTried, "silent", "the agent does not answer: whether it listens is not known")
        case .noAgent: return CheckFinding(.udp, .notTried, "noAgent", "no agent runs, so none listens for connection requests")
        case .switchedOff:
            return CheckFinding(
                .udp, .notTried, "switchedOff",
                "connection requests are switched off for this device: what the administrator starts waits for the next synchronization"
            )
        case .notListening(let port, let why):
            return CheckFinding(
                .udp, .failed, "notListening", "the agent does not listen on UDP \(port): \(why)",
                advice: "If another program has the port (ss -ulnp), move one of the two: the agent's is a setting at the server."
            )
        case .listening(let port, let firewall, let lastAccepted): return listeningFinding(port, firewall, lastAccepted)
        }
    }

    private func listeningFinding(_ port: UInt16, _ firewall: Firewall, _ lastAccepted: Timestamp?) -> CheckFinding {
        let listens = "the agent listens on UDP \(port)"
        switch firewall {
        case .open:
            let heard =
                lastAccepted.map { "the last connection request came at \($0)" }
                ?? "no connection request has come since it started, so whether the network lets them through is not known"
            return CheckFinding(.udp, .ok, "listening", "\(listens), and no firewall of this device is in the way; \(heard)")
        case .closed(let name, let isManaged, let detail):
            return CheckFinding(
                .udp, .failed, "firewallClosed",
                "\(listens), but this device's firewall (\(name)) drops what comes\(detail.isEmpty ? "" : ": \(detail)")",
                advice: isManaged
                    ? "The agent is to open it and could not: see its log, or let UDP \(port) through yourself."
                    : "Let UDP \(port) through, or have the administrator switch on that the agent does it (setting firewall).")
        case .unknown(let detail):
            return CheckFinding(
                .udp, .ok, "firewallUnknown",
                "\(listens); whether this device's firewall lets the port through could not be found out\(detail.isEmpty ? "" : ": \(detail)")"
            )
        }
    }

    private var noticesFinding: CheckFinding {
        let nature = "shutdown notices to the server's UDP port are never answered"
        if let noticeReceived {
            return CheckFinding(
                .udp, .ok, "noticeReceived", "\(nature); the server says that the last of this device came at \(noticeReceived)")
        }
        guard isServerAsked else { return CheckFinding(.udp, .notTried, "notAsked", "\(nature), and the server was not asked") }
        return CheckFinding(
            .udp, .notTried, "noNotice",
            """
            \(nature); the server knows of none of this device: it has not gone down since the server started, or UDP does not get through \
            (recommended, not required)
            """)
    }
}
