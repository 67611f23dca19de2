/// What a principal may do through the API. One table (MusterServer, `RouteTable`) says which role each route wants.
package enum Role: String, CaseIterable, Hashable, Sendable, Codable {
    /// Sees everything but secrets; changes nothing.
    case viewer
    /// Also acts on devices.
    case `operator`
    /// Also changes settings, tokens and devices.
    case administrator
    /// Sees what a viewer sees and the audit trail.
    case auditor
}
