import Foundation
package import Logging
package import MusterModel
import MusterStore
import MusterTrust

/// An administrator's API token made on the server's own machine, where no token is needed: the first, and another when all have expired.
package enum AdministratorToken {
    static let lifetime = Duration.days(90)

    /// Whether a text says for how many devices an hour a token may order what is limited.
    package static func isReach(_ text: String) -> Bool { DeviceReach(text) != nil }

    /// Makes another one of a server that is set up and does not run, and writes it to `admin.token`. Others stay good.
    /// - Parameter reach: as `isReach` takes it; nil: the standard one.
    /// - Throws: `alreadyRunning`; `file` when somebody else owns the directory, who then could not use what was written.
    package static func makeAnother(
        in directory: DataDirectory, reach: String? = nil, logger: Logger, now: Timestamp = .now()
    ) async throws {
        try directory.checkComplete()
        try directory.checkOwner()
        let lock = try DataDirectoryLock(directory)
        defer { withExtendedLifetime(lock) {} }
        let location = try ServerConfiguration(directory).location(in: directory)
        let token = try await make(
            in: location, named: "admin-token \(now)", reach: reach.flatMap { DeviceReach($0) } ?? .standard,
            logger: logger, now: now)
        try write(token, in: directory)
    }

    /// - Parameter check: whether the database is one for it.
    static func make(
        in location: DatabaseLocation, named name: String = "admin", reach: DeviceReach = .standard, logger: Logger,
        now: Timestamp,
        check: (Store) async throws -> Void = { _ in }
    ) async throws -> APITokenText {
        let store: Store
        do { store = try await Store.open(location, logger: logger) } catch { throw ServerError(using: location, error) }
        let token = APITokenText(id: .random(), secret: .random())
        let record = APITokenRecord(
            id: token.id, name: name, role: .administrator, reach: reach, created: now, expires: now + lifetime)
        do {
            try await check(store)
            try await store.createAPIToken(record, secretHash: token.hash, principal: .system)
        } catch {
            await store.close()
            throw (error as? StoreError).map { ServerError(using: location, $0) } ?? error
        }
        await store.close()
        return token
    }

    static func write(_ token: APITokenText, in directory: DataDirectory) throws(ServerError) {
        try directory.write((token.text + "\n").utf8, to: directory.adminToken)
    }
}
