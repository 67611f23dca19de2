import Foundation
import MusterModel
import MusterTrust

/// The server's keys and certificates, read at start.
struct ServerIdentity: Sendable {
    let configuration: ServerConfiguration
    let issuer: DeviceCertificateIssuer
    /// Shown to agents.
    let server: OwnCertificate
    /// Shown over HTTPS.
    let api: OwnCertificate
    /// Seals secrets in policies.
    let secrets: SecretBox

    /// - Parameter externalAddresses: by the settings; none: those that `init` was given.
    init(_ directory: DataDirectory, externalAddresses: [String] = []) throws {
        do {
            configuration = try JSONDecoder().decode(
                ServerConfiguration.self, from: Data(try directory.read(directory.configuration)))
        } catch let error as DecodingError {
            throw ServerError(.damaged, "\(directory.configuration) is damaged (\(error.summary)): \(DataDirectory.advice)")
        }
        let key = try directory.readKey(directory.serverKey)
        guard configuration.pins.contains(key.pin) else {
            throw ServerError(
                .damaged, "\(directory.serverKey) is not a key that devices of this server trust: \(DataDirectory.advice)")
        }
        secrets = try SecretBox(directory)
        issuer = DeviceCertificateIssuer(key: try directory.readKey(directory.issuerKey))
        server = OwnCertificate(
            key: key, names: [], lifetime: ServerInitialization.certificateLifetime, file: directory.serverCertificate,
            directory: directory)
        let given = externalAddresses.isEmpty ? configuration.externalAddresses : externalAddresses
        let names = given.isEmpty ? ["localhost", "127.0.0.1"] : given
        api = OwnCertificate(
            key: try directory.readKey(directory.apiKey), names: names, lifetime: ServerInitialization.apiCertificateLifetime,
            file: directory.apiCertificate, directory: directory)
    }
}

extension DecodingError {
    /// Where it went wrong, in a few words.
    fileprivate var summary: String {
        switch self {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): context.debugDescription
        case .dataCorrupted(let context): context.codingPath.isEmpty ? "not JSON" : context.debugDescription
        @unknown default: "not readable"
        }
    }
}
