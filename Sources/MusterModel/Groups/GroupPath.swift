/// Where a group is in the tree of administration groups: the names from the root down, as `/Warsaw/Office`. `/` is the root group,
/// *Managed devices*, whose own name is in no path.
///
/// Upper and lower case differ. What is unassigned lies in no group, and so has no path.
package struct GroupPath: Hashable, Sendable {
    package static let root = GroupPath(checked: [])

    package let names: [String]

    /// Nil when a name is empty or holds a `/`.
    package init?(names: [String]) {
        guard names.allSatisfy({ !$0.isEmpty && !$0.unicodeScalars.contains("/") }) else { return nil }
        self.init(checked: names)
    }

    private init(checked names: [String]) { self.names = names }

    /// True of the group itself and of every group below it.
    package func isUnder(_ other: GroupPath) -> Bool { names.starts(with: other.names) }
}

extension GroupPath: CustomStringConvertible, LosslessStringConvertible {
    /// - Parameter description: begins with `/` and does not end with one, unless it is the root.
    package init?(_ description: String) {
        // By scalars: a name may begin with a mark that makes one character of itself and the slash before it.
        guard description.unicodeScalars.first == "/" else { return nil }
        let rest = description.unicodeScalars.dropFirst()
        guard !rest.isEmpty else { self = .root; return }
        self.init(names: rest.split(separator: "/", omittingEmptySubsequences: false).map { String($0) })
    }

    package var description: String { "/" + names.joined(separator: "/") }
}
