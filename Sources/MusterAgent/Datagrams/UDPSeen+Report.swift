extension UDPSeen.Requests {
    /// As the running agent sees it.
    init(_ report: ConnectionRequestReport) {
        guard report.listens else {
            self = .switchedOff
            return
        }
        guard report.port != 0 else {
            self = .notListening(port: report.wantedPort, why: report.failure ?? "it is about to")
            return
        }
        self = .listening(port: report.port, UDPSeen.Firewall(report.firewall), lastAccepted: report.lastAccepted)
    }
}

extension UDPSeen.Firewall {
    init(_ state: FirewallState) {
        self =
            switch (state.kind, state.standing) {
            case (.none, _), (_, .open): .open
            case (_, .closed):
                .closed(name: state.kind.rawValue, isManaged: state.isManaged, detail: state.detail ?? "")
            case (_, .unknown): .unknown(detail: state.detail ?? "")
            }
    }
}
