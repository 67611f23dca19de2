package import MusterModel

/// An enrolment token as people see it: its secret is shown once, at its making, and stored as a hash.
package struct EnrolmentTokenRecord: Hashable, Sendable {
    package var id: EnrolmentTokenID
    package var name: String
    package var created: Timestamp
    package var expires: Timestamp
    /// How many devices it takes in; nil: any number.
    package var maximumUses: Int64?
    package var uses: Int64
    package var revoked: Timestamp?
    /// Where devices come that enrol by it.
    package var target: EnrolmentTarget
    /// Ticks *Do not disconnect* for each of them, as far as the limit lets.
    package var permanentConnection: Bool

    package init(
        id: EnrolmentTokenID, name: String, created: Timestamp, expires: Timestamp, maximumUses: Int64?, uses: Int64 = 0,
        revoked: Timestamp? = nil, target: EnrolmentTarget = .none, permanentConnection: Bool = false
    ) {
        self.id = id
        self.name = name
        self.created = created
        self.expires = expires
        self.maximumUses = maximumUses
        self.uses = uses
        self.revoked = revoked
        self.target = target
        self.permanentConnection = permanentConnection
    }

    package var cursor: CreationCursor<EnrolmentTokenEntity> { CreationCursor(created: created, id: id) }
}

/// A token of the API: who may use it for what, until when.
package struct APITokenRecord: Hashable, Sendable {
    package var id: APITokenID
    package var name: String
    package var role: Role
    package var reach: DeviceReach
    package var created: Timestamp
    package var expires: Timestamp
    package var revoked: Timestamp?
    /// Nil where that is not known any more. Written as the one by whom the token is made.
    package var maker: AuditPrincipal?
    /// What the API token is called that made it.
    package var makerName: String?

    package init(
        id: APITokenID, name: String, role: Role, reach: DeviceReach = .standard, created: Timestamp, expires: Timestamp,
        revoked: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.reach = reach
        self.created = created
        self.expires = expires
        self.revoked = revoked
    }

    package var cursor: CreationCursor<APITokenEntity> { CreationCursor(created: created, id: id) }
}
