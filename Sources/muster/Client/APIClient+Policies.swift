import FoundationEssentials
import MusterAPI
import MusterModel

extension APIClient {
    mutating func applications() async throws -> [ApplicationEntry] {
        try await get(APIPath.applications, as: Page<ApplicationEntry>.self).items
    }

    mutating func decide(_ digest: String, accepted: Bool) async throws -> ManifestEntry {
        let body = try Self.body(DecideManifest(accepted: accepted))
        return try await call(.init(method: .put, path: APIPath.filled(APIPath.manifest, digest), body: body))
    }

    /// Texts by key, secrets read from where they are.
    mutating func values(_ given: GivenSettings, of application: String) async throws -> [String: String] {
        guard !given.isEmpty else { return [:] }
        let entry = try await applications().first { $0.id == application }
        return try given.values { entry?.isSecret($0) }
    }

    /// Changes a policy only as it was at a revision; says who changed it otherwise.
    mutating func change<Answer: Decodable>(
        _ policy: PolicyEntry, revision: Int64, _ change: ChangePolicy, query: [(name: String, value: String)] = [],
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let path = APIPath.filled(APIPath.policy, policy.id)
        return try await unchanged(
            policy, since: revision, .init(method: .patch, path: path, query: query, body: try Self.body(change)))
    }

    mutating func restore<Answer: Decodable>(
        _ policy: PolicyEntry, to old: Int64, query: [(name: String, value: String)] = [], as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let path = APIPath.filled(APIPath.policyRestore, policy.id)
        let body = try Self.body(RestorePolicy(revision: old))
        return try await unchanged(policy, since: policy.revision, .init(method: .post, path: path, query: query, body: body))
    }

    private mutating func unchanged<Answer: Decodable>(
        _ policy: PolicyEntry, since revision: Int64, _ request: APIRequest
    ) async throws -> Answer {
        var request = request
        request.headers.append(("If-Match", "\"\(revision)\""))
        do { return try await call(request) } catch let error as CommandError
            where error.problem?.knownCode == .revisionMismatch
        {
            throw try await changedMeanwhile(policy, since: revision, error)
        }
    }

    /// More changes than this are not named.
    private static let shownRevisions = 5

    private mutating func changedMeanwhile(
        _ policy: PolicyEntry, since revision: Int64, _ error: CommandError
    ) async throws -> CommandError {
        let name = TerminalText.escaped(policy.name)
        var later: [PolicyRevisionEntry] = []
        let path = APIPath.filled(APIPath.policyRevisions, policy.id)
        // What it says of who it was may not be readable; that it was changed is certain.
        try? await forEachPage(path, limit: Self.shownRevisions, of: PolicyRevisionEntry.self) { page in
            later += page.filter { $0.revision > revision }
        }
        let lines = later.map { entry in
            "\n  revision \(entry.revision), \(Shown.time(entry.at)), "
                + TerminalText.escaped("\(PrincipalWords.text(entry.principal, entry.principalName)): \(entry.change)")
        }
        return .refused(
            error.problem,
            "The policy '\(name)' is not at revision \(revision) any more: somebody changed it meanwhile. Nothing was changed now."
                + lines.joined(),
            advice: "Look at it ('muster policies show \(policy.id)'), and give the command again if it is still right.")
    }
}
