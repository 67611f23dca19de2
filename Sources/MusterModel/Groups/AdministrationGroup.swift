/// One administration group: devices that are managed alike.
package struct AdministrationGroup: Hashable, Sendable {
    /// Of the name.
    package static let nameBytes = 1...100

    package let id: GroupID
    /// Nil: the root group.
    package var parent: GroupID?
    package var name: String

    package init(id: GroupID, parent: GroupID?, name: String) {
        self.id = id
        self.parent = parent
        self.name = name
    }

    /// A name can be a part of a path, and shows as one line.
    package static func isName(_ name: String) -> Bool {
        nameBytes.contains(name.utf8.count) && SettingFormat.line.accepts(name) && !name.unicodeScalars.contains("/")
            && name.first != " " && name.last != " " && name != "." && name != ".."
    }
}

package enum GroupEntity {}
package typealias GroupID = EntityID<GroupEntity>

extension GroupID {
    /// *Managed devices*, there from the start: every other group is below it.
    package static let root = GroupID.wellKnown(1)
}
