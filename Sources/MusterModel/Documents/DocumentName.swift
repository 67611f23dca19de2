/// Which document: what should be known on the other side. The numbers travel and are never reused; below 32 the device reports,
/// from 32 on the server desires.
package enum DocumentName: UInt32, CaseIterable, Hashable, Sendable {
    /// Host name, operating system, addresses, agent version, UDP port.
    case system = 1
    /// Installed applications.
    case installed = 2
    /// CPU, memory, disks, network interfaces, firmware identity.
    case hardware = 3
    /// Managed applications: version, state, what became of their settings.
    case applications = 4
    /// How the tasks meant for the device stand on it.
    case taskStates = 5
    /// Manifests of applications that somebody else wrote connectors for.
    case manifests = 6

    /// The Network Agent's effective settings, server addresses, pins.
    case agent = 32
    /// Settings of the other managed applications.
    case settings = 33
    /// Tasks and their settings.
    case tasks = 34

    package enum Direction: Hashable, Sendable { case reported, desired }

    package var direction: Direction { rawValue < 32 ? .reported : .desired }

    package static let reported = allCases.filter { $0.direction == .reported }
    package static let desired = allCases.filter { $0.direction == .desired }
}

extension DocumentName: Comparable {
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
