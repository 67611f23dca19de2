/// What can go wrong with keys, certificates, requests and tokens. Most of it comes from bytes or text another machine or a person gave.
package struct TrustError: Error, CustomStringConvertible {
    /// Stable; what tests and metrics look at.
    package enum Code: String, Hashable, Sendable {
        /// A private or public key that cannot be read, or is not P-256.
        case badKey
        /// A certificate that cannot be read.
        case badCertificate
        /// A certificate request that cannot be read, is not P-256, or whose proof of possession is wrong.
        case badCertificateRequest
        /// A token's text that is not one.
        case badToken
        /// A host name or address that cannot stand in a certificate.
        case badName
        /// A pin set with no pin, or with more than a device keeps.
        case badPinSet
        /// Making a key, signature or certificate failed on this side.
        case notMade
    }

    package let code: Code
    /// For people; holds no secret.
    package let reason: String
    package let underlying: (any Error)?

    private init(_ code: Code, _ reason: String, _ underlying: (any Error)? = nil) {
        self.code = code
        self.reason = reason
        self.underlying = underlying
    }

    package var description: String {
        underlying.map { "\(reason) (\($0))" } ?? reason
    }

    static func badKey(_ reason: String, _ underlying: (any Error)? = nil) -> Self { Self(.badKey, reason, underlying) }
    static func badCertificate(_ reason: String, _ underlying: (any Error)? = nil) -> Self {
        Self(.badCertificate, reason, underlying)
    }
    static func badCertificateRequest(_ reason: String, _ underlying: (any Error)? = nil) -> Self {
        Self(.badCertificateRequest, reason, underlying)
    }
    static func badToken(_ reason: String) -> Self { Self(.badToken, reason) }
    static func badName(_ reason: String) -> Self { Self(.badName, reason) }
    static func badPinSet(_ reason: String) -> Self { Self(.badPinSet, reason) }
    static func notMade(_ reason: String, _ underlying: any Error) -> Self { Self(.notMade, reason, underlying) }
}
