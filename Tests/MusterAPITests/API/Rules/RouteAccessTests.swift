import Foundation
import HTTPTypes
import MusterAPI
import MusterModel
import MusterServer
import MusterStore
import MusterTrust
import NIOHTTP1
import Testing

/// Every route with every kind of principal: exact status codes, from a table of its own, so that neither a new route nor a changed
/// access rule goes unnoticed.
struct RouteAccessTests {
    struct Expectation {
        let path: String
        /// Who may.
        let roles: Set<Role>
        /// What a bare request without body gets from who may: 415 where a body is needed, 404 for an id nobody has, 400 where a
        /// parameter is.
        let status: Int
    }

    static let everyone = Set(Role.allCases)
    static let operators: Set<Role> = [.operator, .administrator]
    static let administrators: Set<Role> = [.administrator]

    static let expected: [String: Expectation] = {
        let none = "00000000-0000-4000-8000-000000000000"
        func row(_ method: String, _ path: String, _ roles: Set<Role>, _ status: Int) -> (String, Expectation) {
            (
                "\(method) \(path)",
                Expectation(path: path.replacingOccurrences(of: "{id}", with: none), roles: roles, status: status)
            )
        }
        return Dictionary(uniqueKeysWithValues: [
            row("GET", "/api/v1/devices", everyone, 200),
            row("GET", "/api/v1/devices/{id}", everyone, 404),
            row("PATCH", "/api/v1/devices/{id}", administrators, 415),
            row("DELETE", "/api/v1/devices/{id}", administrators, 404),
            row("POST", "/api/v1/devices/{id}/revoke", administrators, 404),
            row("PATCH", "/api/v1/devices", administrators, 415),
            row("GET", "/api/v1/groups", everyone, 200),
            row("POST", "/api/v1/groups", administrators, 415),
            row("GET", "/api/v1/groups/{id}", everyone, 404),
            row("PATCH", "/api/v1/groups/{id}", administrators, 415),
            row("DELETE", "/api/v1/groups/{id}", administrators, 404),
            row("GET", "/api/v1/moving-rules", everyone, 200),
            row("POST", "/api/v1/moving-rules", administrators, 415),
            row("PUT", "/api/v1/moving-rules", administrators, 415),
            row("PATCH", "/api/v1/moving-rules/{id}", administrators, 415),
            row("DELETE", "/api/v1/moving-rules/{id}", administrators, 404),
            row("GET", "/api/v1/tag-rules", everyone, 200),
            row("POST", "/api/v1/tag-rules", administrators, 415),
            row("PUT", "/api/v1/tag-rules", administrators, 415),
            row("PATCH", "/api/v1/tag-rules/{id}", administrators, 415),
            row("DELETE", "/api/v1/tag-rules/{id}", administrators, 404),
            row("GET", "/api/v1/selections", everyone, 200),
            row("POST", "/api/v1/selections", administrators, 415),
            row("GET", "/api/v1/selections/{id}", everyone, 404),
            row("PATCH", "/api/v1/selections/{id}", administrators, 415),
            row("DELETE", "/api/v1/selections/{id}", administrators, 404),
            row("GET", "/api/v1/settings/default-group", everyone, 200),
            row("PUT", "/api/v1/settings/default-group", administrators, 415),
            row("GET", "/api/v1/copies", everyone, 200),
            row("GET", "/api/v1/overview", everyone, 200),
            row("GET", "/api/v1/applications", everyone, 200),
            row("PUT", "/api/v1/manifests/{id}", administrators, 415),
            row("GET", "/api/v1/devices/{id}/settings", everyone, 404),
            row("PATCH", "/api/v1/devices/{id}/settings", administrators, 415),
            row("GET", "/api/v1/devices/{id}/applications", everyone, 404),
            row("GET", "/api/v1/policies", everyone, 200),
            row("POST", "/api/v1/policies", administrators, 415),
            row("GET", "/api/v1/policies/{id}", everyone, 404),
            row("PATCH", "/api/v1/policies/{id}", administrators, 415),
            row("DELETE", "/api/v1/policies/{id}", administrators, 404),
            row("GET", "/api/v1/policies/{id}/revisions", everyone, 404),
            row("POST", "/api/v1/policies/{id}/restore", administrators, 415),
            row("GET", "/api/v1/policies/{id}/delivery", everyone, 404),
            row("GET", "/api/v1/policies/{id}/devices", everyone, 404),
            row("POST", "/api/v1/devices/{id}/split", administrators, 404),
            row("POST", "/api/v1/devices/{id}/same", administrators, 404),
            row("GET", "/api/v1/devices/{id}/connections", everyone, 404),
            row("POST", "/api/v1/devices/{id}/connection-request", operators, 404),
            row("GET", "/api/v1/devices/{id}/installed", everyone, 404),
            row("GET", "/api/v1/installed", everyone, 200),
            row("GET", "/api/v1/installed/search", everyone, 400),
            row("GET", "/api/v1/events", everyone, 200),
            row("GET", "/api/v1/events/follow", everyone, 200),
            row("GET", "/api/v1/enrolment-tokens", everyone, 200),
            row("POST", "/api/v1/enrolment-tokens", administrators, 415),
            row("DELETE", "/api/v1/enrolment-tokens/{id}", administrators, 404),
            row("GET", "/api/v1/packages", everyone, 200),
            row("POST", "/api/v1/packages", administrators, 415),
            row("GET", "/api/v1/packages/{id}", everyone, 404),
            row("PATCH", "/api/v1/packages/{id}", administrators, 415),
            row("DELETE", "/api/v1/packages/{id}", administrators, 404),
            row("GET", "/api/v1/packages/{id}/devices", everyone, 404),
            row("POST", "/api/v1/packages/{id}/downloads", administrators, 404),
            row("GET", "/api/v1/api-tokens", everyone, 200),
            row("POST", "/api/v1/api-tokens", administrators, 415),
            row("DELETE", "/api/v1/api-tokens/{id}", administrators, 404),
            row("GET", "/api/v1/devices/{id}/watch", everyone, 404),
            row("GET", "/api/v1/actions", everyone, 200),
            row("POST", "/api/v1/actions", operators, 415),
            row("GET", "/api/v1/actions/{id}", everyone, 404),
            row("DELETE", "/api/v1/actions/{id}", operators, 404),
            row("GET", "/api/v1/actions/{id}/devices", everyone, 404),
            row("GET", "/api/v1/tasks", everyone, 200),
            row("POST", "/api/v1/tasks", administrators, 415),
            row("GET", "/api/v1/tasks/{id}", everyone, 404),
            row("PATCH", "/api/v1/tasks/{id}", administrators, 415),
            row("DELETE", "/api/v1/tasks/{id}", administrators, 404),
            row("POST", "/api/v1/tasks/{id}/run", operators, 415),
            row("GET", "/api/v1/tasks/{id}/runs", everyone, 404),
            row("GET", "/api/v1/runs", everyone, 200),
            row("GET", "/api/v1/runs/{id}", everyone, 404),
            row("GET", "/api/v1/runs/{id}/output", operators, 404),
            row("POST", "/api/v1/runs/{id}/stop", operators, 404),
            row("GET", "/api/v1/devices/{id}/runs", everyone, 404),
            row("GET", "/api/v1/devices/{id}/tasks", everyone, 404),
            row("GET", "/api/v1/settings/connection", everyone, 200),
            row("PUT", "/api/v1/settings/connection", administrators, 415),
            row("GET", "/api/v1/settings/permanent-connections.limit", everyone, 200),
            row("PUT", "/api/v1/settings/permanent-connections.limit", administrators, 415),
            row("GET", "/api/v1/settings/sync-interval", everyone, 200),
            row("PUT", "/api/v1/settings/sync-interval", administrators, 415),
            row("GET", "/api/v1/server/status", everyone, 200),
            row("GET", "/api/v1/openapi.json", everyone, 200),
            row("GET", "/metrics", everyone, 200),
        ])
    }()

    @Test func everyRouteHasAnExpectation() async throws {
        try await APIFixture.with { api in
            #expect(Set(api.table.rows.map { "\($0.method.rawValue) \($0.path)" }) == Set(Self.expected.keys))
        }
    }

    @Test func strangersGetNowhere() async throws {
        try await APIFixture.with { api in
            let expired = try await api.token(.administrator, expires: APIFixture.now)
            let revoked = try await api.token(.administrator)
            let id = try APITokenText(revoked).id
            _ = try await api.store.revokeAPIToken(id, principal: APIFixture.principal, now: APIFixture.now)
            let issued = try APITokenText(api.administrator)
            let wrongSecret = APITokenText(id: issued.id, secret: .random()).text
            let wrongID = APITokenText(id: .random(), secret: issued.secret).text
            let enrolment = EnrolmentTokenText(id: .random(), secret: issued.secret).text
            let strangers: [(String, HTTPSClient, Problem.Code)] = [
                ("no token", api.client(nil), .tokenMissing), ("rubbish", api.client("x"), .tokenInvalid),
                ("wrong secret", api.client(wrongSecret), .tokenInvalid), ("wrong id", api.client(wrongID), .tokenInvalid),
                ("an enrolment token", api.client(enrolment), .tokenInvalid), ("expired", api.client(expired), .tokenExpired),
                ("revoked", api.client(revoked), .tokenRevoked), ("an agent's certificate", try Self.agent(api), .tokenMissing),
            ]
            for (name, client, code) in strangers {
                for (route, expectation) in Self.expected {
                    let answer = try await client.send(Self.method(route), expectation.path)
                    #expect(answer.status == 401, "\(name): \(route)")
                    #expect(answer.problem?.knownCode == code, "\(name): \(route)")
                    #expect(answer.headers.first(name: "WWW-Authenticate") == "Bearer")
                    #expect(answer.headers.first(name: "Content-Type") == "application/problem+json")
                }
            }
        }
    }

    @Test(arguments: Role.allCases)
    func rolesDoWhatTheyMay(_ role: Role) async throws {
        try await APIFixture.with { api in
            let client = api.client(try await api.token(role))
            for (route, expectation) in Self.expected {
                let status = try await client.exchange(Self.method(route), expectation.path) { head, _ in Int(head.status.code) }
                #expect(status == (expectation.roles.contains(role) ? expectation.status : 403), "\(role): \(route)")
            }
        }
    }

    private static func method(_ route: String) -> HTTPMethod { HTTPMethod(rawValue: String(route.prefix { $0 != " " })) }

    /// A client with a certificate as the server issues them to devices, and no token.
    private static func agent(_ api: APIFixture) throws -> HTTPSClient {
        let key = PrivateKey.generate()
        let certificate = try DeviceCertificateIssuer(key: api.key)
            .issue(publicKeyDER: key.publicKeyDER, device: .random(), now: .now(), lifetime: .days(90))
        return HTTPSClient(port: api.port, clientCertificate: ([certificate.der], key.pem))
    }
}
