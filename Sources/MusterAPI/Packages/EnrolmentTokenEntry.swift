package import MusterModel

/// An enrolment token as lists show it: everything but its secret, which only its creation gives.
package struct EnrolmentTokenEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: EnrolmentTokenID
    package var name: String
    package var created: Timestamp
    package var expires: Timestamp
    /// How many devices enrolled with it.
    package var uses: Int64
    /// Absent when any number may.
    package var maximumUses: Int64?
    package var revoked: Timestamp?
    /// Where devices come that enrol with it; absent: automatically.
    package var group: GroupReference?
    /// They have these as given by hand.
    package var tags: [String] = []
    /// They wait in *Unassigned* until an administrator approves of them.
    package var approval = false
    /// Ticks *Do not disconnect* for each, as far as the limit lets.
    package var permanentConnection = false

    package init(
        id: EnrolmentTokenID, name: String, created: Timestamp, expires: Timestamp, uses: Int64, maximumUses: Int64?,
        revoked: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.created = created
        self.expires = expires
        self.uses = uses
        self.maximumUses = maximumUses
        self.revoked = revoked
    }
}

/// `POST /enrolment-tokens`.
package struct CreateEnrolmentToken: ChangeRequest {
    package var name: String?
    package var expiresInSeconds: Int64?
    package var maximumUses: Int64?
    /// Path or id; absent: devices are placed automatically.
    package var group: String?
    package var tags: [String]?
    package var approval: Bool?
    package var permanentConnection: Bool?

    package init(
        name: String? = nil, expiresInSeconds: Int64? = nil, maximumUses: Int64? = nil, group: String? = nil,
        tags: [String]? = nil, approval: Bool? = nil, permanentConnection: Bool? = nil
    ) {
        self.name = name
        self.expiresInSeconds = expiresInSeconds
        self.maximumUses = maximumUses
        self.group = group
        self.tags = tags
        self.approval = approval
        self.permanentConnection = permanentConnection
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, expiresInSeconds, maximumUses, group, tags, approval, permanentConnection
    }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    /// From a minute to a year.
    package static let allowedExpiry: ClosedRange<Duration> = .minutes(1) ... .days(366)
    package static let standardExpiry = Duration.days(14)
    package static let allowedUses: ClosedRange<Int64> = 1...1_000_000
    package static let standardUses: Int64 = 100
}

/// The answer to its creation: the only time the token itself is shown.
package struct CreatedEnrolmentToken: Codable, Sendable, Hashable {
    package var id: EnrolmentTokenID
    package var name: String
    /// `id.secret`, for `muster-agent enrol --token-file`.
    package var token: String
    /// Server key fingerprints, active and reserve, for `--pin`.
    package var pins: [Fingerprint]
    package var expires: Timestamp
    package var uses: Int64
    package var maximumUses: Int64

    package init(
        id: EnrolmentTokenID, name: String, token: String, pins: [Fingerprint], expires: Timestamp, uses: Int64 = 0,
        maximumUses: Int64
    ) {
        self.id = id
        self.name = name
        self.token = token
        self.pins = pins
        self.expires = expires
        self.uses = uses
        self.maximumUses = maximumUses
    }
}
