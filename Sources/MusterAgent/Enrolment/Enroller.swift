import MusterModel
import MusterSession
import MusterTrust
import MusterWire
import NIOCore

/// Runs an enrolment against the addresses given, in order: the rules are `AgentEnrolment`'s.
struct Enroller {
    let options: EnrolOptions
    let token: EnrolmentTokenText
    let key: PrivateKey
    let state: AgentState
    var attempts = AttemptLog()

    func run() async throws(AgentError) -> EnrolReport {
        do { return try await attempt() } catch {
            throw (error as? LinkFailure)?.error ?? error as? AgentError
                ?? AgentError(.internalError, "the enrolment broke off: \(ErrorWords.text(of: error))")
        }
    }

    /// - Throws: the `LinkFailure` of the last address tried; an `AgentError` of the state.
    func attempt() async throws -> EnrolReport {
        var last = LinkFailure(.unreachable, "no server address was given")
        for server in options.servers {
            do {
                return try await enrol(at: server)
            } catch let failure as LinkFailure {
                last = failure
                attempts.failed(failure, at: server)
                // A proxy may let another address through.
                if failure.reason.wantsAPerson, failure.reason != .proxyRefused { break }
            }
        }
        throw last
    }

    private func enrol(at server: ServerAddress) async throws -> EnrolReport {
        let request = try CertificateRequest(key: key).der
        let channel = try await ServerChannel.connect(to: server, through: options.proxy, pins: options.pins, identity: nil)
        var machine = AgentEnrolment(
            tokenID: token.id, tokenSecret: token.secret.bytes, certificateRequest: request, agentVersion: AgentVersion.current,
            hostName: SystemCall.line(of: "/proc/sys/kernel/hostname") ?? "")
        let actions = try await channel.frames.executeThenClose { inbound, outbound in
            while let frame = machine.nextFrame() { try await outbound.write(frame) }
            for try await frame in inbound {
                let actions = machine.received(frame)
                if !actions.isEmpty { return actions }
            }
            throw LinkFailure(.closedByPeer, "\(server) closed the connection without an answer")
        }
        return try adopt(actions, at: server, serverCertificate: channel.serverCertificate)
    }

    private func adopt(
        _ actions: [AgentEnrolment.Action], at server: ServerAddress, serverCertificate: [UInt8]
    ) throws -> EnrolReport {
        for action in actions {
            switch action {
            case .adopt(let enrolment):
                let identity = Identity(
                    device: enrolment.device, keyPEM: key.pem, certificateDER: enrolment.certificate)
                try state.adopt(
                    Enrolment(
                        identity: identity, pins: enrolment.pins, servers: options.servers, proxy: options.proxy,
                        noticePort: options.noticePort,
                        serverCertificateDER: serverCertificate))
                return EnrolReport(device: enrolment.device, server: server)
            case .close(let reason, let retryAfter, let text):
                throw LinkFailure(reason, text, retryAfter: retryAfter)
            }
        }
        throw LinkFailure(.internalError, "the enrolment ended without a result")
    }
}
