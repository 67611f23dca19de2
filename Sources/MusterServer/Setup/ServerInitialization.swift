import Foundation
package import Logging
package import MusterModel
import MusterStore
import MusterTrust

/// What `init` decides once and `run` needs again.
struct ServerConfiguration: Codable, Sendable {
    var database: String
    var externalAddresses: [String]
    /// Server key fingerprints given to devices: active first, then reserve.
    var pins: [Fingerprint]
}

/// Makes a server out of an empty directory: keys, certificates, database, first API token.
package enum ServerInitialization {
    static let tokenLifetime = Duration.days(90)
    /// Of the certificate agents see: they go by its key, so nobody minds ten years.
    static let certificateLifetime = Duration.days(3650)
    /// The longest that browsers took from an authority of one's own.
    static let apiCertificateLifetime = Duration.days(825)

    /// - Throws: `alreadyInitialized`, `damaged` where keys are already: both change nothing.
    package static func run(
        directory: DataDirectory, externalAddresses: [String], database: String?, logger: Logger, now: Timestamp = .now()
    ) async throws {
        guard !FileManager.default.fileExists(atPath: directory.configuration) else {
            throw ServerError(.alreadyInitialized, "\(directory.path) is set up already; nothing was changed")
        }
        guard !FileManager.default.fileExists(atPath: directory.serverKey) else { throw directory.incomplete }
        try directory.make()
        let lock = try DataDirectoryLock(directory)
        defer { withExtendedLifetime(lock) {} }
        let database = database ?? directory.database
        guard let location = DatabaseLocation(database) else {
            throw ServerError(.badSetting, "--database \(database): a path, or postgresql://… is expected")
        }
        // First what may fail for a wrong --database: once there are keys, a second try is refused.
        let token = try await makeToken(in: location, named: database, logger: logger, now: now)
        let pins = try makeKeys(in: directory, names: externalAddresses, now: now)
        try directory.write((token.text + "\n").utf8, to: directory.adminToken)
        let configuration = ServerConfiguration(database: database, externalAddresses: externalAddresses, pins: pins)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try directory.write(try encoder.encode(configuration), to: directory.configuration)
    }

    private static func makeToken(
        in location: DatabaseLocation, named name: String, logger: Logger, now: Timestamp
    ) async throws -> APITokenText {
        let store: Store
        do { store = try await Store.open(location, logger: logger) } catch { throw ServerError(using: location, error) }
        let token = APITokenText(id: .random(), secret: .random())
        let record = APITokenRecord(
            id: token.id, name: "admin", role: .administrator, created: now, expires: now + tokenLifetime)
        do {
            try await checkUnused(store, named: name)
            try await store.createAPIToken(record, secretHash: token.hash, principal: .system)
        } catch {
            await store.close()
            throw (error as? StoreError).map { ServerError(using: location, $0) } ?? error
        }
        await store.close()
        return token
    }

    /// The devices in a database trust the keys of the server that enrolled them, and no other's.
    private static func checkUnused(_ store: Store, named name: String) async throws {
        guard try await store.fetchAllDevices().isEmpty else {
            throw ServerError(
                .alreadyInitialized, "--database \(name) holds the devices of another server: choose one that is empty")
        }
    }

    private static func makeKeys(in directory: DataDirectory, names: [String], now: Timestamp) throws -> [Fingerprint] {
        let server = PrivateKey.generate()
        let reserve = PrivateKey.generate()
        let api = PrivateKey.generate()
        try directory.write(server.pem.utf8, to: directory.serverKey)
        try directory.write(reserve.pem.utf8, to: directory.reserveKey)
        try directory.write(PrivateKey.generate().pem.utf8, to: directory.issuerKey)
        try directory.write(api.pem.utf8, to: directory.apiKey)
        try directory.write((api.pin.description + "\n").utf8, to: directory.apiPin)
        try directory.write(
            try ServerCertificate.make(key: server, now: now, lifetime: certificateLifetime), to: directory.serverCertificate)
        let apiNames = names.isEmpty ? ["localhost", "127.0.0.1"] : names
        try directory.write(
            try ServerCertificate.make(key: api, names: apiNames, now: now, lifetime: apiCertificateLifetime),
            to: directory.apiCertificate)
        return [server.pin, reserve.pin]
    }
}
