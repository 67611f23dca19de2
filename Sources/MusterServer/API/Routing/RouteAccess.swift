package import MusterModel

/// Which roles may use a route. Roles are not a ladder: an auditor sees, and changes as little as a viewer.
package enum RouteAccess: String, CaseIterable, Sendable {
    /// Everyone with a token.
    case see
    /// Operators and administrators.
    case act
    /// Administrators.
    case administer

    package func allows(_ role: Role) -> Bool {
        switch (self, role) {
        case (.see, _), (.act, .operator), (.act, .administrator), (.administer, .administrator): true
        case (.act, _), (.administer, _): false
        }
    }

    /// The role that is enough, in words.
    var text: String {
        switch self {
        case .see: "any role"
        case .act: "the role 'operator' or 'administrator'"
        case .administer: "the role 'administrator'"
        }
    }
}
