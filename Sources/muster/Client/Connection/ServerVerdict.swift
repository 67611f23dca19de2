import Crypto
import MusterModel
import NIOCore
import NIOSSL
import Synchronization

/// Decides by pin whether the server is the one meant, and remembers what it saw for the error message.
/// The public key is compared; names and dates are not looked at, so a renewed certificate with the same key stays good.
final class ServerVerdict: Sendable {
    private let pins: [Fingerprint]
    private let refusedKey = Mutex<Fingerprint?>(nil)

    init(pins: [Fingerprint]) { self.pins = pins }

    /// The key that was shown and did not match.
    var refused: Fingerprint? { refusedKey.withLock { $0 } }

    /// NIOSSL's custom verification; called on the event loop. TLS itself proves that the peer holds the key.
    func judge(_ chain: [NIOSSLCertificate], _ promise: EventLoopPromise<NIOSSLVerificationResult>) {
        guard let seen = chain.first.flatMap(Self.fingerprint) else { return promise.succeed(.failed) }
        if pins.contains(seen) { return promise.succeed(.certificateVerified) }
        refusedKey.withLock { $0 = seen }
        promise.succeed(.failed)
    }

    private static func fingerprint(_ certificate: NIOSSLCertificate) -> Fingerprint? {
        guard let key = try? certificate.extractPublicKey().toSPKIBytes() else { return nil }
        return Fingerprint(bytes: Array(SHA256.hash(data: key)))
    }
}
