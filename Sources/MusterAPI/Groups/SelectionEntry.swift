package import MusterModel

/// A device selection: a question about devices that is kept under a name.
package struct SelectionEntry: Codable, Sendable, Hashable, Identifiable {
    package var id: SelectionID
    package var name: String
    /// A device expression.
    package var filter: String
    package var revision: Int64
    package var created: Timestamp
    package var changed: Timestamp

    package init(
        id: SelectionID, name: String, filter: String, revision: Int64, created: Timestamp, changed: Timestamp
    ) {
        self.id = id
        self.name = name
        self.filter = filter
        self.revision = revision
        self.created = created
        self.changed = changed
    }
}

/// `POST /selections`, which needs both, and `PATCH /selections/{id}`.
package struct SelectionChange: ChangeRequest {
    package var name: String?
    package var filter: String?

    package init(name: String? = nil, filter: String? = nil) {
        self.name = name
        self.filter = filter
    }

    package enum CodingKeys: String, CodingKey, CaseIterable { case name, filter }
    package static let members = CodingKeys.allCases.map(\.rawValue)
}
