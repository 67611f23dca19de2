import HTTPTypes
import MusterAPI
import MusterModel
import MusterStore
import MusterTrust

/// Learns from the header `Authorization` who asks. Nothing else counts: neither a client certificate nor an enrolment token.
struct Authenticator: Sendable {
    let store: Store
    let now: @Sendable () -> Timestamp

    func principal(_ headers: HTTPFields) async throws -> Principal {
        let token = try Self.token(headers)
        // The index finds the hash; what it found is compared again in constant time, with its id.
        guard let record = try await store.apiToken(hash: token.hash), record.id == token.id else { throw Problem.tokenInvalid }
        guard record.revoked == nil else { throw Problem.tokenRevoked }
        guard now() < record.expires else { throw Problem.tokenExpired(record.expires) }
        return Principal(token: record.id, name: record.name, role: record.role, reach: record.reach)
    }

    private static func token(_ headers: HTTPFields) throws(Problem) -> APITokenText {
        let values = headers[values: .authorization]
        guard let value = values.first else { throw .tokenMissing }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else { throw .tokenMissing }
        do { return try APITokenText(String(parts[1])) } catch { throw .tokenInvalid }
    }
}
