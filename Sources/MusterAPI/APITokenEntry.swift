package import MusterModel

/// An API token as lists show it: everything but its secret.
package struct APITokenEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: APITokenID
    package var name: String
    package var role: Role
    /// For how many devices an hour it may order what runs programs, installs or removes: a number or `unlimited`.
    package var reach: DeviceReach
    package var created: Timestamp
    package var expires: Timestamp
    package var revoked: Timestamp?
    /// Who made it, a kind and an id: `api-token ID`, or `system`: `muster-server init` or `admin-token`. Absent: not known any more.
    package var createdBy: String?
    /// What the API token is called that made it.
    package var createdByName: String?

    package init(
        id: APITokenID, name: String, role: Role, reach: DeviceReach, created: Timestamp, expires: Timestamp,
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
}

/// `POST /api-tokens`.
package struct CreateAPIToken: ChangeRequest {
    package var name: String
    package var role: Role
    /// Absent: 50 devices an hour.
    package var reach: DeviceReach?
    package var expiresInSeconds: Int64?

    package init(name: String, role: Role, reach: DeviceReach? = nil, expiresInSeconds: Int64? = nil) {
        self.name = name
        self.role = role
        self.reach = reach
        self.expiresInSeconds = expiresInSeconds
    }

    package enum CodingKeys: String, CodingKey, CaseIterable { case name, role, reach, expiresInSeconds }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    /// Tokens always expire: from a minute to a year.
    package static let allowedExpiry: ClosedRange<Duration> = .minutes(1) ... .days(366)
    package static let standardExpiry = Duration.days(90)
}

/// The answer to its creation: the only time the token itself is shown.
package struct CreatedAPIToken: Codable, Sendable, Hashable {
    package var id: APITokenID
    package var name: String
    package var role: Role
    /// `muster_id.secret`, for the header `Authorization: Bearer …`.
    package var token: String
    package var expires: Timestamp

    package init(id: APITokenID, name: String, role: Role, token: String, expires: Timestamp) {
        self.id = id
        self.name = name
        self.role = role
        self.token = token
        self.expires = expires
    }
}
