import Foundation
package import Logging
package import MusterModel
import MusterStore
import MusterTrust

/// Makes a server out of an empty directory: keys, certificates, database, first API token.
package enum ServerInitialization {
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
        let token = try await AdministratorToken.make(in: location, logger: logger, now: now) { store in
            try await checkUnused(store, named: database)
        }
        let pins = try makeKeys(in: directory, names: externalAddresses, now: now)
        try AdministratorToken.write(token, in: directory)
        let configuration = ServerConfiguration(database: database, externalAddresses: externalAddresses, pins: pins)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try directory.write(try encoder.encode(configuration), to: directory.configuration)
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
