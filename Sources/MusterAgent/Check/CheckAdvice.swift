import MusterModel

/// What to do about a step that failed, in plain words.
enum CheckAdvice {
    static let enrol = """
        Enrol this device (muster-agent enrol …). To check a server before that, name it: --connection-file FILE, or --server and --pin.
        """
    static let nameUnknown = """
        Compare the name with what the administrator gave you. If it is right, it is missing in the DNS this device asks, or not \
        entered yet: `getent hosts NAME` shows what this device knows.
        """
    static let nameNoAnswer = """
        Name resolution does not work on this device just now: look at /etc/resolv.conf and whether the network is up.
        """
    static let clock = """
        Set this device's clock (timedatectl set-ntp true). Connections work all the same, and the server corrects the times of \
        events by this difference; what this device does by schedule it does at the wrong time.
        """
    static let notRunning = "Start it: systemctl start muster-agent, or muster-agent run."
    static let silent = """
        It runs and says nothing: it may be stopped (a debugger, SIGSTOP), or stuck on a disk that does not answer. systemctl restart \
        muster-agent; look at its log before (journalctl -u muster-agent).
        """
    static let underWay = "Look at `muster-agent status` in some minutes: a first synchronization over a slow line takes long."
    static let notSynchronized = "Look at the agent's log (journalctl -u muster-agent) and at the server's at the same time."

    /// - Parameter hasServers: enough could be read to check the rest.
    static func state(_ code: AgentError.Code, hasServers: Bool) -> String {
        let rest =
            hasServers
            ? "The rest is checked with what could still be read." : "To check the rest, name the server: --server and --pin."
        return switch code {
        case .stateDamaged: "\(rest)"
        case .stateNewer: "Install the newer agent again. \(rest)"
        case .alreadyRunning, .timedOut, .controlProtocol: "If it stays so: systemctl restart muster-agent. \(rest)"
        case .stateUnsuitable: "Mend that, or name another directory with --state-dir. \(rest)"
        case .stateUnavailable, .controlRefused: "Run this command as root, or as the user the agent runs as. \(rest)"
        case .notEnrolled: enrol
        case .storageFull: "Make room on the disk. \(rest)"
        default: rest
        }
    }

    static func connection(_ failure: LinkFailure, at step: CheckStep, isEnrolled: Bool) -> String {
        switch step {
        case .proxy: proxy(failure)
        case .tcp: tcp
        case .tls: tls(failure.reason)
        case .serverKey: serverKey(isEnrolled: isEnrolled)
        default: authorization(failure.reason)
        }
    }

    private static func proxy(_ failure: LinkFailure) -> String {
        switch (failure.reason, failure.proxyStatus) {
        case (.proxyUnreachable, _):
            "Compare the proxy's address and port with what is right in this network, and whether the proxy runs."
        case (_, 407?):
            "The proxy wants a user and password, or others than it was given: http://USER:PASSWORD@HOST:PORT."
        case (_, 403?):
            "The proxy does not allow CONNECT to the server's port: ask whoever runs the proxy to allow it."
        case (_, _?):
            "Ask whoever runs the proxy why it refuses CONNECT to the server's port; its log says more."
        case (_, nil):
            """
            What answers there is probably no HTTP proxy, or it wants TLS or another port: compare the proxy's address and port with what \
            is right in this network.
            """
        }
    }

    private static let tcp = """
        Refused: the server does not run, or listens on another port. No answer: a firewall on the way drops the port, or the address \
        is wrong. On the server: `muster-server run` must be up, and its TCP port open to this device's network.
        """

    private static func tls(_ reason: CloseReason) -> String {
        switch reason {
        case .noApplicationProtocol:
            "Something else answers there: give the port the server listens on for agents (13000 unless it was changed)."
        case .handshakeTimeout: "The server or the line is very slow, or something on the way swallows the data: try again."
        case .closedByPeer:
            """
            The server is at its limit of connections (see its log), or something on the way cuts the connection: a firewall that \
            looks into TLS must let this one through untouched.
            """
        default:
            "Something else answers there, or something on the way breaks TLS open: the agent needs TLS 1.3 to the server itself."
        }
    }

    private static func serverKey(isEnrolled: Bool) -> String {
        let known = isEnrolled ? "This device keeps what it knows and connects to no other server. " : ""
        return """
            Compare both with what `muster enrolment-tokens create` or `muster server status` shows at the server. \
            \(known)If the server is the right one and was set up anew, enrol this device again; if the key was to be replaced, put the \
            reserve key in its place; else this is another server, or somebody is in between.
            """
    }

    private static let enrolAnew = """
        stop the agent, and run `muster-agent enrol --replace --connection-file FILE` with a connection file downloaded anew (muster \
        packages download --connection-file).
        """

    private static func authorization(_ reason: CloseReason) -> String {
        switch reason {
        case .deviceDeleted, .certificateExpired, .noCertificate, .unknownCertificate:
            "To have it served again, enrol it anew: \(enrolAnew)"
        case .deviceRevoked:
            "Ask the administrator why it was revoked. If it is to be served, it becomes another device: \(enrolAnew)"
        case .certificateSuperseded:
            """
            This is an older copy of a device that went on without it (a restored snapshot, a cloned disk). If this is the only one \
            there is, enrol it anew: \(enrolAnew)
            """
        case .cloneSuspected:
            """
            Another machine connects as the same device (a copied disk). The administrator decides: 'muster devices split' gives this one \
            an identity of its own, 'muster devices same' says that there is only this one.
            """
        case .unsupportedVersion: "Agent and server are of versions that do not go together: bring the older one up to date."
        case .busy, .connectionLimit, .storageUnavailable, .serverStopping, .internalError:
            "The server cannot just now; the agent comes back by itself. If it lasts, look at the server's log."
        case .idleTimeout, .closedByPeer: "The connection was lost before the server answered: try again."
        default: "Look at the server's log at this moment."
        }
    }
}
