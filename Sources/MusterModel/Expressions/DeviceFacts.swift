/// What an expression can ask of one device, as its evaluator gathered it. Facts that no field of the expression asks for
/// (`DeviceExpression.fields`) may be left out.
package struct DeviceFacts: Hashable, Sendable {
    package var name: String
    /// Nil, as the next two, until the device said so.
    package var hostName: String?
    package var operatingSystem: String?
    package var agentVersion: String?
    /// Any of them may match.
    package var addresses: [String] = []
    package var tags: Set<String> = []
    /// Nil: unassigned.
    package var group: GroupPath?
    package var status = DeviceStatusLevel.ok
    package var state = ConnectionState.neverConnected
    package var isPermanent = false
    /// Nil: never.
    package var lastConnection: Timestamp?
    package var lastSynchronization: Timestamp?
    package var enrolled: Timestamp?
    /// What the three are counted up to.
    package var now: Timestamp
    package var installedCount = 0
    /// Those of `DeviceExpression.installedConditions` that hold.
    package var installed: Set<InstalledCondition> = []

    package init(name: String, now: Timestamp) {
        self.name = name
        self.now = now
    }
}

extension DeviceFacts {
    /// What a field of text stands for: one text, or any of several. Not known is as empty.
    func texts(of field: DeviceField) -> [String] {
        switch field {
        case .name: [name]
        case .hostName: [hostName ?? ""]
        case .operatingSystem: [operatingSystem ?? ""]
        case .agentVersion: [agentVersion ?? ""]
        case .address: addresses
        case .tag: Array(tags)
        default: []
        }
    }

    /// The code a choice stands at.
    func choice(of field: DeviceField) -> String? {
        switch field {
        case .status: status.code
        case .state: state.code
        case .permanent: isPermanent ? DeviceField.yes : DeviceField.no
        default: nil
        }
    }

    /// How long ago it was; nil: never. What seems to lie ahead was just now.
    func duration(since field: DeviceField) -> Duration? {
        instant(of: field).map { max(now - $0, .zero) }
    }

    /// When it was; nil: never.
    func instant(of field: DeviceField) -> Timestamp? {
        switch field {
        case .sinceConnection: lastConnection
        case .sinceSynchronization: lastSynchronization
        case .sinceEnrolment: enrolled
        default: nil
        }
    }
}
