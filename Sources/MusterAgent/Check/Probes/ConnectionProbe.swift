import MusterModel
import MusterTrust

/// Connects as the agent does, through the proxy where there is one, up to the check of the server's key: TCP, proxy, TLS and key are one
/// connection, which the next step goes on with.
enum ConnectionProbe {
    static func connect(
        to server: ServerAddress, as subject: CheckSubject
    ) async -> (seen: ConnectionSeen, channel: ServerChannel?) {
        let (trace, presented) = (ConnectionTrace(), PresentedCertificate(pins: subject.pins))
        do throws(LinkFailure) {
            let channel = try await ServerChannel.connect(
                to: server, through: subject.proxy, identity: subject.identity, presented: presented, trace: trace)
            return (seen(trace, presented, nil), channel)
        } catch {
            return (seen(trace, presented, error), nil)
        }
    }

    private static func seen(
        _ trace: ConnectionTrace, _ presented: PresentedCertificate, _ failure: LinkFailure?
    ) -> ConnectionSeen {
        let marks = trace.marks
        let shown = presented.certificate.flatMap { try? CertificateFacts(der: $0) }?.pin
        return ConnectionSeen(
            address: marks.address, tcp: marks.connected.map { $0 - trace.began },
            proxy: marks.tunnelled.flatMap { end in marks.connected.map { end - $0 } },
            tls: marks.secured.flatMap { end in (marks.tunnelled ?? marks.connected).map { end - $0 } }, shown: shown,
            failure: failure)
    }
}
