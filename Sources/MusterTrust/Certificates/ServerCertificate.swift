package import MusterModel
import SwiftASN1
import X509

/// Makes the server's own certificate: self-signed, small (the agents go by the key's pin; names are for browsers and for people).
package enum ServerCertificate {
    package static let subject = "Muster Administration Server"
    /// 16 names of up to 253 bytes stay below 4.2 KB, what TLS sends in one flight.
    private static let maximumNames = 16

    /// - Parameters:
    ///   - names: host names or addresses for programs that check them; with none the certificate has no extensions (about 350 bytes).
    ///   - lifetime: from `now`; the certificate is valid from one day before it.
    /// - Returns: DER.
    package static func make(
        key: PrivateKey, names: [String] = [], now: Timestamp, lifetime: Duration
    ) throws(TrustError) -> [UInt8] {
        guard names.count <= maximumNames else { throw .badName("at most \(maximumNames) names fit in the server's certificate") }
        var alternatives: [GeneralName] = []
        for name in names { alternatives.append(try GeneralName(checking: name)) }
        let validity = Validity(now: now, lifetime: lifetime)
        do {
            let name = try DistinguishedName.commonName(subject)
            let certificate = try Certificate(
                version: .v3, serialNumber: .short(), publicKey: Certificate.PublicKey(key.publicKey.cryptoKey),
                notValidBefore: validity.firstDate, notValidAfter: validity.lastDate, issuer: name, subject: name,
                signatureAlgorithm: .ecdsaWithSHA256, extensions: try extensions(alternatives),
                issuerPrivateKey: Certificate.PrivateKey(key.cryptoKey))
            return try certificate.serialized()
        } catch {
            throw .notMade("the server's certificate could not be made", error)
        }
    }

    /// Whether a certificate can be made for these names.
    package static func accepts(_ names: [String]) -> Bool {
        names.count <= maximumNames && names.allSatisfy { (try? GeneralName(checking: $0)) != nil }
    }

    /// Whether a certificate, DER, is for these names and no others.
    package static func isFor(_ names: [String], der: [UInt8]) -> Bool {
        guard let certificate = try? Certificate.reading(der),
            let found = try? certificate.extensions.subjectAlternativeNames.map(Array.init) ?? []
        else { return false }
        return found == names.compactMap { try? GeneralName(checking: $0) }
    }

    private static func extensions(_ names: [GeneralName]) throws -> Certificate.Extensions {
        guard !names.isEmpty else { return Certificate.Extensions() }
        return try Certificate.Extensions([Certificate.Extension(SubjectAlternativeNames(names), critical: false)])
    }
}

extension Certificate {
    func serialized() throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(self)
        return serializer.serializedBytes
    }
}

extension Certificate.SerialNumber {
    /// 16 random bytes: as good as never the same twice, and 4 bytes shorter than the longest allowed. The first is 1…127, so the
    /// number is positive and needs no byte more.
    static func short() -> Self {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[0] = UInt8.random(in: 1...127)
        return Self(bytes: bytes)
    }
}
