import MusterModel
import MusterTrust

/// One of the server's own certificates: its key, what it says, and when it is made anew, with the same key: who goes by the key notices
/// nothing.
struct OwnCertificate: Sendable {
    /// Less than this left, and it is made anew: 30 daily looks, so that a full disk has time to be noticed.
    static let reserve = Duration.days(30)

    let key: PrivateKey
    /// Host names and addresses, for programs that check them.
    let names: [String]
    let lifetime: Duration
    let file: String
    let directory: DataDirectory

    /// DER: the one in the file, or a new one, in the file before it is returned. Blocks for the disk: never on an event loop.
    func current(now: Timestamp) throws -> [UInt8] {
        if let der = try? directory.read(file), isGood(der, now: now) { return der }
        let der = try ServerCertificate.make(key: key, names: names, now: now, lifetime: lifetime)
        try directory.write(der, to: file)
        return der
    }

    /// Not one that a clock too far ahead has made: it would not be valid for years; nor one for the names the server had before.
    private func isGood(_ der: [UInt8], now: Timestamp) -> Bool {
        guard let facts = try? CertificateFacts(der: der), facts.pin == key.pin else { return false }
        return facts.notBefore <= now && now + Self.reserve < facts.notAfter && ServerCertificate.isFor(names, der: der)
    }
}

extension OwnCertificate {
    func servedToAgents(now: Timestamp) throws -> ServedCertificate {
        try ServedCertificate(forAgents: try current(now: now), keyPEM: key.pem)
    }

    func forAPI(now: Timestamp) throws -> APICertificate {
        APICertificate(chain: [try current(now: now)], privateKeyPEM: key.pem)
    }
}
