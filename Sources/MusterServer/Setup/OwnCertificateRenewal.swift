import Logging
import MusterModel
import NIOPosix
import ServiceLifecycle

/// Keeps the server's own certificates from ending while it runs: looks once a day, and what was made anew is shown from the next
/// connection on. What fails is tried again the next day.
struct OwnCertificateRenewal: Service {
    static let period = Duration.hours(24)

    let identity: ServerIdentity
    let agents: TLSContextHolder
    let api: APIServer
    let pool: NIOThreadPool
    let logger: Logger
    let now: @Sendable () -> Timestamp
    /// Ends early, with an error, when its task is cancelled.
    let sleep: @Sendable (Duration) async throws -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await sleep(Self.period)) != nil { await look() }
        }
    }

    /// Made and written on the pool's threads; the event loops only find another context.
    private func look() async {
        await look(at: identity.server) { now in
            guard try identity.server.current(now: now) != agents.current.der else { return false }
            agents.replace(try identity.server.servedToAgents(now: now))
            return true
        }
        await look(at: identity.api) { now in
            guard try identity.api.current(now: now) != api.certificate else { return false }
            try api.replaceCertificate(try identity.api.forAPI(now: now))
            return true
        }
    }

    private func look(at certificate: OwnCertificate, _ renew: @escaping @Sendable (Timestamp) throws -> Bool) async {
        let now = now()
        do {
            guard try await pool.runIfActive({ try renew(now) }) else { return }
            logger.notice("certificate.renewed", metadata: ["file": "\(certificate.file)"])
        } catch {
            logger.error("certificate.renewal.failed", metadata: ["file": "\(certificate.file)", "error": "\(error)"])
        }
    }
}
