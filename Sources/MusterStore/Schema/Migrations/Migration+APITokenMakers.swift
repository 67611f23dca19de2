import MusterModel

extension Migration {
    /// Who made each API token. Of those that are there the audit trail tells, where it still has their making.
    static let apiTokenMakers = Migration(
        name: "0017-api-token-makers",
        template: """
            ALTER TABLE api_token ADD COLUMN maker_kind {text};
            ALTER TABLE api_token ADD COLUMN maker {text};
            """,
        then: { connection, _ throws(StoreError) in
            let makings = try connection.fetchAll(
                "SELECT object, principal_kind, principal FROM audit WHERE action = 'create-api-token'"
            ) { row throws(StoreError) in
                (token: APITokenID(try row.string(0)), kind: try row.string(1), maker: try row.string(2))
            }
            for making in makings {
                guard let token = making.token else { continue }
                try connection.run(
                    "UPDATE api_token SET maker_kind = $2, maker = $3 WHERE id = $1",
                    [.id(token), .text(making.kind), .text(making.maker)])
            }
        })
}
