/// Where an expression names a group.
struct ExpressionGroupName: Hashable, Sendable {
    let path: GroupPath
    /// The value with its quotes, from 0.
    let scalars: Range<Int>
}

// Expressions name groups by their paths, and follow them.
extension DeviceExpression {
    /// Of groups that it names, the first that is not in the tree.
    package func unknownGroup(in tree: GroupTree) -> GroupPath? {
        groupNames.map(\.path).first { tree.group(named: $0.names) == nil }
    }

    /// As it has to read when a group was renamed or moved, with all below it; nil where it names none of them.
    /// - Throws: when it would be too long.
    package func following(_ old: GroupPath, to new: GroupPath) throws(ExpressionError) -> Self? {
        let names = groupNames.filter { $0.path.isUnder(old) }
        guard !names.isEmpty else { return nil }
        var scalars = Array(text.unicodeScalars)
        // From the end, so that the places before stay what they are.
        for name in names.reversed() {
            let path = GroupPath(names: new.names + name.path.names.dropFirst(old.names.count)) ?? name.path
            scalars.replaceSubrange(name.scalars, with: Self.quoted(path.description).unicodeScalars)
        }
        return try Self(String(String.UnicodeScalarView(scalars)))
    }
}
