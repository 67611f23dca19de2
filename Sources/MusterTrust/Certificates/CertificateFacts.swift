import Crypto
import FoundationEssentials
package import MusterModel
import SwiftASN1
import X509

/// What a certificate says, read once. Reading judges nothing: neither who signed it nor whether its dates are past.
package struct CertificateFacts: Hashable, Sendable {
    /// No certificate of ours passes 1 KiB; a stranger's that is larger than a session frame (16 KiB) is not worth reading.
    package static let longest = 16 * 1024

    /// The certificate as it came.
    package let der: [UInt8]
    /// SHA-256 of `der`: what the server looks a device up by.
    package let fingerprint: Fingerprint
    /// The key it is for.
    package let publicKey: PublicKey
    /// The subject's common name (a device's is its id); empty when it has none.
    package let subject: String
    /// The first instant of validity; whole seconds.
    package let notBefore: Timestamp
    /// The last instant of validity; whole seconds.
    package let notAfter: Timestamp

    /// - Parameter der: one X.509 certificate for a P-256 key and nothing after it.
    package init(der: [UInt8]) throws(TrustError) {
        let certificate = try Certificate.reading(der)
        guard let key = P256.Signing.PublicKey(certificate.publicKey) else {
            throw .badCertificate("the certificate's key is not P-256")
        }
        self.der = der
        fingerprint = Fingerprint(hashing: der)
        publicKey = PublicKey(key)
        subject = certificate.subject.commonName ?? ""
        notBefore = Timestamp(seconds: certificate.notValidBefore)
        notAfter = Timestamp(seconds: certificate.notValidAfter)
    }

    /// SHA-256 of the public key: of a server's certificate, its pin.
    package var pin: Fingerprint { publicKey.pin }
}

extension Certificate {
    /// Size and form are checked, nothing else.
    static func reading(_ der: [UInt8]) throws(TrustError) -> Certificate {
        guard der.count <= CertificateFacts.longest else {
            throw .badCertificate("\(der.count) bytes are too many for a certificate")
        }
        do {
            return try Certificate(derEncoded: der)
        } catch {
            throw .badCertificate("this is not a certificate", error)
        }
    }
}

extension DistinguishedName {
    /// One attribute; 11 bytes of frame and the text.
    static func commonName(_ text: String) throws -> DistinguishedName {
        try DistinguishedName([RelativeDistinguishedName.Attribute(type: .RDNAttributeType.commonName, utf8String: text)])
    }

    fileprivate var commonName: String? {
        for name in self {
            for attribute in name where attribute.type == .RDNAttributeType.commonName { return String(attribute.value) }
        }
        return nil
    }
}

extension Timestamp {
    /// A certificate's date. Its year has at most four digits, so the milliseconds fit.
    fileprivate init(seconds date: Date) {
        self.init(milliseconds: Int64(date.timeIntervalSince1970.rounded(.down)) * 1000)
    }
}
