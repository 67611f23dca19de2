package import MusterModel

extension Store {
    /// A page of them, the newest first, without content. Of a deleted policy too.
    /// - Parameter before: the revision the page before ended with.
    package func fetchRevisions(
        of policy: PolicyID, before: Int64? = nil, limit: Int
    ) async throws(StoreError) -> [PolicyRevisionRecord] {
        try await read { connection throws(StoreError) in
            try PolicyRows(connection: connection).fetchRevisions(
                withContent: false, "WHERE policy = $1 AND revision < $2 ORDER BY revision DESC LIMIT $3",
                [.id(policy), .integer(before ?? .max), .count(limit)])
        }
    }

    /// With its content; nil when there is none (any more).
    package func fetchRevision(_ revision: Int64, of policy: PolicyID) async throws(StoreError) -> PolicyRevisionRecord? {
        try await read { connection throws(StoreError) in
            try PolicyRows(connection: connection).fetchRevisions(
                withContent: true, "WHERE policy = $1 AND revision = $2", [.id(policy), .integer(revision)]
            ).first
        }
    }

    /// Deletes a few of the revisions of deleted policies that are past their age. To be called again until it returns 0.
    package func deleteOldPolicyRevisions(before time: Timestamp) async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            try connection.run(
                """
                DELETE FROM policy_revision WHERE (policy, revision) IN (
                    SELECT r.policy, r.revision FROM policy_revision r
                    WHERE r.at < $1 AND NOT EXISTS (SELECT 1 FROM policy p WHERE p.id = r.policy) ORDER BY r.at LIMIT $2)
                """, [.time(time), .count(Self.retentionStep)])
        }
    }
}
