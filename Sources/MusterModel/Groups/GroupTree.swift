/// The administration groups of a server: a tree under one root. A value; who stores it checks a change here first.
package struct GroupTree: Hashable, Sendable {
    /// Groups from the root down to the deepest: a walk up stays short of what anyone would notice.
    package static let maximumDepth = 1_024
    package static let maximumGroups = 100_000

    private var groups: [GroupID: AdministrationGroup]
    private var children: [GroupID: Set<GroupID>]

    /// Groups whose parents are missing, or that form a ring, hang below the root: nothing is lost from sight.
    package init(_ groups: [AdministrationGroup] = []) {
        let root = AdministrationGroup(id: .root, parent: nil, name: "Managed devices")
        self.groups = [GroupID.root: root]
        children = [:]
        for group in groups { self.groups[group.id] = group }
        self.groups[.root]?.parent = nil
        for group in groups where group.id != .root { hang(group.id, under: group.parent) }
        hangRings()
    }

    private mutating func hang(_ id: GroupID, under parent: GroupID?) {
        if let old = groups[id]?.parent { children[old]?.remove(id) }
        let parent = parent.flatMap { groups[$0] == nil ? nil : $0 } ?? .root
        groups[id]?.parent = parent
        children[parent, default: []].insert(id)
    }

    /// What no way from the root leads to. Each group is looked at once, however deep they are.
    private mutating func hangRings() {
        var reached = subtree(of: .root)
        guard reached.count < groups.count else { return }
        for id in groups.keys.sorted() where !reached.contains(id) {
            hang(id, under: .root)
            reached.formUnion(subtree(of: id))
        }
    }

    // MARK: Asking

    package var count: Int { groups.count }
    package var all: [AdministrationGroup] { Array(groups.values) }

    package subscript(_ id: GroupID) -> AdministrationGroup? { groups[id] }

    /// From the root to the group itself; empty for one that is not there.
    package func chain(to id: GroupID) -> [AdministrationGroup] {
        var chain: [AdministrationGroup] = []
        var current = groups[id]
        while let group = current, chain.count <= Self.maximumDepth {
            chain.append(group)
            current = group.parent.flatMap { groups[$0] }
        }
        return chain.reversed()
    }

    package func depth(of id: GroupID) -> Int { chain(to: id).count }

    /// In order of their names.
    package func children(of id: GroupID) -> [AdministrationGroup] {
        (children[id] ?? []).compactMap { groups[$0] }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// The group and all below it.
    package func subtree(of id: GroupID) -> Set<GroupID> {
        guard groups[id] != nil else { return [] }
        var found: Set<GroupID> = [id]
        var open = [id]
        while let next = open.popLast() {
            for child in children[next] ?? [] where found.insert(child).inserted { open.append(child) }
        }
        return found
    }

    /// Names from below the root to the group; empty for the root itself.
    package func names(to id: GroupID) -> [String] { chain(to: id).dropFirst().map(\.name) }

    /// The group with these names below the root.
    package func group(named names: some Sequence<String>) -> AdministrationGroup? {
        var current = groups[.root]
        for name in names {
            guard let id = current?.id else { return nil }
            current = (children[id] ?? []).lazy.compactMap { groups[$0] }.first { $0.name == name }
        }
        return current
    }

    // MARK: Changing

    /// Why a change of the tree is not possible.
    package enum Refusal: Error, Hashable, Sendable {
        case noSuchGroup
        case noSuchParent
        /// The parent has a group of that name.
        case nameTaken
        case badName
        /// The root is neither moved nor deleted.
        case isRoot
        /// The new parent is the group itself or below it.
        case ring
        case tooDeep
        case tooMany
        /// Groups are below it.
        case hasGroups
    }

    package mutating func add(_ group: AdministrationGroup) throws(Refusal) {
        guard groups.count < Self.maximumGroups else { throw .tooMany }
        guard let parent = group.parent, groups[parent] != nil else { throw .noSuchParent }
        try checkName(group.name, under: parent, except: group.id)
        guard depth(of: parent) < Self.maximumDepth else { throw .tooDeep }
        groups[group.id] = group
        children[parent, default: []].insert(group.id)
    }

    package mutating func rename(_ id: GroupID, _ name: String) throws(Refusal) {
        guard let group = groups[id] else { throw .noSuchGroup }
        if let parent = group.parent {
            try checkName(name, under: parent, except: id)
        } else if !AdministrationGroup.isName(name) {
            throw .badName
        }
        groups[id]?.name = name
    }

    package mutating func move(_ id: GroupID, under parent: GroupID) throws(Refusal) {
        guard let group = groups[id] else { throw .noSuchGroup }
        guard let old = group.parent else { throw .isRoot }
        guard groups[parent] != nil else { throw .noSuchParent }
        let below = subtree(of: id)
        guard !below.contains(parent) else { throw .ring }
        try checkName(group.name, under: parent, except: id)
        guard depth(of: parent) + height(of: id) <= Self.maximumDepth else { throw .tooDeep }
        children[old]?.remove(id)
        groups[id]?.parent = parent
        children[parent, default: []].insert(id)
    }

    /// A group without groups below it.
    package mutating func remove(_ id: GroupID) throws(Refusal) {
        guard let group = groups[id] else { throw .noSuchGroup }
        guard let parent = group.parent else { throw .isRoot }
        guard (children[id] ?? []).isEmpty else { throw .hasGroups }
        groups[id] = nil
        children[id] = nil
        children[parent]?.remove(id)
    }

    private func checkName(_ name: String, under parent: GroupID, except id: GroupID) throws(Refusal) {
        guard AdministrationGroup.isName(name) else { throw .badName }
        let isTaken = (children[parent] ?? []).contains { $0 != id && groups[$0]?.name == name }
        guard !isTaken else { throw .nameTaken }
    }

    /// Levels of the group and what is below it.
    private func height(of id: GroupID) -> Int {
        var level = [id]
        var height = 0
        while !level.isEmpty, height <= Self.maximumDepth {
            height += 1
            level = level.flatMap { children[$0] ?? [] }
        }
        return height
    }
}
