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
        configuration = try ServerConfiguration(directory)
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
