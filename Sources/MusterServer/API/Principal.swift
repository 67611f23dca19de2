package import MusterModel
package import MusterStore

/// Who asks: the API token the request came with.
package struct Principal: Hashable, Sendable {
    package let token: APITokenID
    package let name: String
    package let role: Role

    package init(token: APITokenID, name: String, role: Role) {
        self.token = token
        self.name = name
        self.role = role
    }

    /// As audit rows name it.
    package var audit: AuditPrincipal { AuditPrincipal(kind: "api-token", id: token.description) }
}
