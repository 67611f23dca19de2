package import MusterModel

/// Who did it.
package struct AuditPrincipal: Hashable, Sendable {
    /// `api-token`, `device` or `system`.
    package var kind: String
    package var id: String

    package init(kind: String, id: String) {
        self.kind = kind
        self.id = id
    }

    package static let system = AuditPrincipal(kind: "system", id: "")
}

/// One change, written in the transaction that made it.
package struct AuditRecord: Hashable, Sendable {
    package var number: Int64
    package var at: Timestamp
    package var principal: AuditPrincipal
    /// A code: `rename-device`.
    package var action: String
    /// What it was done to: `device`, `enrolment-token`, `api-token`, `setting`.
    package var objectKind: String
    package var object: String
    package var parameters: Parameters
}
