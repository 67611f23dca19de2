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

    init(_ directory: DataDirectory) throws {
        do {
            configuration = try JSONDecoder().decode(
                ServerConfiguration.self, from: Data(try directory.read(directory.configuration)))
        } catch let error as DecodingError {
            throw ServerError(.damaged, "\(directory.configuration) is damaged: \(error)")
        }
        issuer = DeviceCertificateIssuer(key: try PrivateKey(pem: try directory.readText(directory.issuerKey)))
        server = OwnCertificate(
            key: try PrivateKey(pem: try directory.readText(directory.serverKey)), names: [],
            lifetime: ServerInitialization.certificateLifetime, file: directory.serverCertificate, directory: directory)
        let names = configuration.externalAddresses.isEmpty ? ["localhost", "127.0.0.1"] : configuration.externalAddresses
        api = OwnCertificate(
            key: try PrivateKey(pem: try directory.readText(directory.apiKey)), names: names,
            lifetime: ServerInitialization.apiCertificateLifetime, file: directory.apiCertificate, directory: directory)
    }
}
