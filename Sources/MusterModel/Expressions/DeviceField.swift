/// What an expression can ask for, by the name it has there.
package enum DeviceField: String, CaseIterable, Hashable, Sendable {
    case name
    case hostName = "host-name"
    case operatingSystem = "os"
    case agentVersion = "agent-version"
    case address
    case tag
    case group
    case status
    case state
    case permanent
    case sinceConnection = "since-connection"
    case sinceSynchronization = "since-synchronization"
    case sinceEnrolment = "since-enrolment"
    case installedCount = "installed-count"
    /// The inventory; followed by a name instead of an operator.
    case installed

    /// What its values are.
    package enum Kind: Hashable, Sendable {
        case text
        case version
        case address
        case set
        case group
        case choice([String])
        case yesOrNo
        case duration
        case number
        case installed
    }

    package var kind: Kind {
        switch self {
        case .name, .hostName, .operatingSystem: .text
        case .agentVersion: .version
        case .address: .address
        case .tag: .set
        case .group: .group
        case .status: .choice(DeviceStatusLevel.allCases.map(\.code))
        case .state: .choice(ConnectionState.allCases.map(\.code))
        case .permanent: .yesOrNo
        case .sinceConnection, .sinceSynchronization, .sinceEnrolment: .duration
        case .installedCount: .number
        case .installed: .installed
        }
    }

    /// What may follow it; of `installed`, what may follow the name.
    package var operators: [ExpressionOperator] {
        switch kind {
        case .text, .address, .set: ExpressionOperator.equality + [.matches]
        case .version: ExpressionOperator.equality + ExpressionOperator.ordering + [.matches]
        case .group: ExpressionOperator.equality + [.under]
        case .choice, .yesOrNo: ExpressionOperator.equality
        case .duration: ExpressionOperator.ordering
        case .number: ExpressionOperator.equality + ExpressionOperator.ordering
        case .installed: [.equal] + ExpressionOperator.ordering
        }
    }

    static let yes = "yes"
    static let no = "no"
    /// Instead of a path: in no group.
    static let unassigned = "unassigned"
}
