import Foundation
import MusterModel
import MusterTrust
import NIOSSL

/// The server's keys and certificates, read at start. Certificates that end within 30 days are made anew with the same key: devices go by the
/// key, so they notice nothing.
struct ServerIdentity: Sendable {
    private static let renewBefore = Duration.days(30)

    let configuration: ServerConfiguration
    let issuer: DeviceCertificateIssuer
    let api: APICertificate
    let key: PrivateKey
    private let certificate: [UInt8]

    init(_ directory: DataDirectory, now: Timestamp) throws {
        do {
            configuration = try JSONDecoder().decode(
                ServerConfiguration.self, from: Data(try directory.read(directory.configuration)))
        } catch let error as DecodingError {
            throw ServerError(.damaged, "\(directory.configuration) is damaged: \(error)")
        }
        key = try PrivateKey(pem: try directory.readText(directory.serverKey))
        issuer = DeviceCertificateIssuer(key: try PrivateKey(pem: try directory.readText(directory.issuerKey)))
        let apiKey = try PrivateKey(pem: try directory.readText(directory.apiKey))
        certificate = try Self.current(
            directory.serverCertificate, in: directory, key: key, names: [], lifetime: ServerInitialization.certificateLifetime,
            now: now)
        let names = configuration.externalAddresses.isEmpty ? ["localhost", "127.0.0.1"] : configuration.externalAddresses
        let apiCertificate = try Self.current(
            directory.apiCertificate, in: directory, key: apiKey, names: names, lifetime: .days(825), now: now)
        api = APICertificate(chain: [apiCertificate], privateKeyPEM: apiKey.pem)
    }

    func tlsContext() throws -> NIOSSLContext { try Gateway.tlsContext(certificate: certificate, keyPEM: key.pem) }

    private static func current(
        _ file: String, in directory: DataDirectory, key: PrivateKey, names: [String], lifetime: Duration, now: Timestamp
    ) throws -> [UInt8] {
        if let der = try? directory.read(file), let facts = try? CertificateFacts(der: der), facts.pin == key.pin,
            facts.notAfter > now + renewBefore
        {
            return der
        }
        let der = try ServerCertificate.make(key: key, names: names, now: now, lifetime: lifetime)
        try directory.write(der, to: file)
        return der
    }
}
