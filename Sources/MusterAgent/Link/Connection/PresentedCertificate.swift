package import MusterModel
import MusterTrust
import NIOCore
package import NIOSSL
import Synchronization

/// What the server showed in its handshake, and how that ended.
package final class PresentedCertificate: Sendable {
    private struct State {
        var certificate: [UInt8]?
        var failure: LinkFailure?
        var outcome: Result<String?, any Error>?
        var waiter: CheckedContinuation<String?, any Error>?
    }

    private let pins: [Fingerprint]
    private let state = Mutex(State())

    package init(pins: [Fingerprint]) { self.pins = pins }

    package var certificate: [UInt8]? { state.withLock { $0.certificate } }
    package var failure: LinkFailure? { state.withLock { $0.failure } }

    package func check(_ certificate: NIOSSLCertificate?) -> Bool {
        guard let der = try? certificate?.toDERBytes(), let facts = try? CertificateFacts(der: der) else { return false }
        let isOurs = pins.contains(facts.pin)
        state.withLock { state in
            state.certificate = der
            guard !isOurs else { return }
            state.failure = LinkFailure(
                .serverKeyMismatch,
                "the server's key is \(facts.pin), and this device trusts \(pins.map(\.description).joined(separator: " or "))")
        }
        return isOurs
    }

    /// The protocol agreed on.
    func handshake(on channel: any Channel) async throws -> String? {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state in
                if state.outcome == nil { state.waiter = continuation }
                return state.outcome
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    func ended(_ outcome: Result<String?, any Error>) {
        let waiter = state.withLock { state in
            guard state.outcome == nil else { return nil as CheckedContinuation<String?, any Error>? }
            state.outcome = outcome
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: outcome)
    }
}
