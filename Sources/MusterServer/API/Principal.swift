package import MusterModel
package import MusterStore

/// Who asks: the API token the request came with.
package struct Principal: Hashable, Sendable {
    package let token: APITokenID
    package let name: String
    package let role: Role
    package let reach: DeviceReach

    package init(token: APITokenID, name: String, role: Role, reach: DeviceReach = .standard) {
        self.token = token
        self.name = name
        self.role = role
        self.reach = reach
    }

    /// As audit rows name it.
    package var audit: AuditPrincipal { AuditPrincipal(kind: "api-token", id: token.description) }
}
