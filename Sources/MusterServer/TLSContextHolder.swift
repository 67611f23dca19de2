import NIOSSL
import Synchronization

/// A certificate the server shows, and the TLS context made of it.
struct ServedCertificate: Sendable {
    let der: [UInt8]
    let context: NIOSSLContext
}

/// What a listener shows to the next connection; those that are open keep what they were shown.
final class TLSContextHolder: Sendable {
    private let served: Mutex<ServedCertificate>

    init(_ certificate: ServedCertificate) { served = Mutex(certificate) }

    var current: ServedCertificate { served.withLock { $0 } }

    func replace(_ certificate: ServedCertificate) { served.withLock { $0 = certificate } }
}
