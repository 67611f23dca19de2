import MusterModel
import Testing

@Suite("The tree of administration groups")
struct GroupTreeTests {
    private var tree = GroupTree()
    private let warsaw = AdministrationGroup(id: .random(), parent: .root, name: "Warsaw")
    private let office: AdministrationGroup

    init() throws {
        office = AdministrationGroup(id: .random(), parent: warsaw.id, name: "Office")
        try tree.add(warsaw)
        try tree.add(office)
    }

    @Test func aGroupHasAChainOfGroupsFromTheRoot() {
        #expect(tree.chain(to: office.id).map(\.name) == ["Managed devices", "Warsaw", "Office"])
        #expect(tree.names(to: office.id) == ["Warsaw", "Office"])
        #expect(tree.names(to: .root) == [])
        #expect(tree.group(named: ["Warsaw", "Office"])?.id == office.id)
        #expect(tree.group(named: [String]())?.id == .root)
        #expect(tree.group(named: ["Warsaw", "Bar"]) == nil)
        #expect(tree.subtree(of: .root) == [.root, warsaw.id, office.id])
        #expect(tree.chain(to: .random()).isEmpty)
    }

    @Test func twoOfOneNameAreNotBesideEachOther() throws {
        var tree = tree
        #expect(throws: GroupTree.Refusal.nameTaken) {
            try tree.add(AdministrationGroup(id: .random(), parent: .root, name: "Warsaw"))
        }
        try tree.add(AdministrationGroup(id: .random(), parent: office.id, name: "Warsaw"))
        let twin = AdministrationGroup(id: .random(), parent: .root, name: "Twin")
        try tree.add(twin)
        try tree.add(AdministrationGroup(id: .random(), parent: twin.id, name: "Office"))
        #expect(throws: GroupTree.Refusal.nameTaken) { try tree.move(office.id, under: twin.id) }
        #expect(throws: GroupTree.Refusal.nameTaken) { try tree.rename(twin.id, "Warsaw") }
    }

    @Test(arguments: ["", " a", "a ", "a/b", "a\nb", ".", "..", String(repeating: "a", count: 101)])
    func aNameThatCannotBePartOfAPathIsRefused(_ name: String) {
        var tree = tree
        #expect(throws: GroupTree.Refusal.badName) { try tree.add(AdministrationGroup(id: .random(), parent: .root, name: name)) }
        #expect(throws: GroupTree.Refusal.badName) { try tree.rename(warsaw.id, name) }
        #expect(throws: GroupTree.Refusal.badName) { try tree.rename(.root, name) }
    }

    @Test func aGroupIsNotMovedBelowItself() throws {
        var tree = tree
        #expect(throws: GroupTree.Refusal.ring) { try tree.move(warsaw.id, under: office.id) }
        #expect(throws: GroupTree.Refusal.ring) { try tree.move(warsaw.id, under: warsaw.id) }
        #expect(throws: GroupTree.Refusal.isRoot) { try tree.move(.root, under: warsaw.id) }
        #expect(throws: GroupTree.Refusal.noSuchParent) { try tree.move(warsaw.id, under: .random()) }
        try tree.move(office.id, under: .root)
        #expect(tree.names(to: office.id) == ["Office"])
        #expect(tree.children(of: warsaw.id).isEmpty)
    }

    @Test func onlyAGroupWithoutGroupsIsRemoved() throws {
        var tree = tree
        #expect(throws: GroupTree.Refusal.hasGroups) { try tree.remove(warsaw.id) }
        #expect(throws: GroupTree.Refusal.isRoot) { try tree.remove(.root) }
        try tree.remove(office.id)
        try tree.remove(warsaw.id)
        #expect(tree.count == 1)
        #expect(throws: GroupTree.Refusal.noSuchGroup) { try tree.remove(warsaw.id) }
    }

    @Test func aThousandLevelsAreThereAndNotMany() throws {
        var tree = GroupTree()
        var parent = GroupID.root
        for level in 2...GroupTree.maximumDepth {
            let group = AdministrationGroup(id: .random(), parent: parent, name: "\(level)")
            try tree.add(group)
            parent = group.id
        }
        #expect(tree.depth(of: parent) == GroupTree.maximumDepth)
        #expect(throws: GroupTree.Refusal.tooDeep) { try tree.add(AdministrationGroup(id: .random(), parent: parent, name: "x")) }
        let other = AdministrationGroup(id: .random(), parent: .root, name: "other")
        try tree.add(other)
        try tree.add(AdministrationGroup(id: .random(), parent: other.id, name: "below"))
        #expect(throws: GroupTree.Refusal.tooDeep) { try tree.move(other.id, under: parent) }
    }

    @Test func whatHangsNowhereIsFoundBelowTheRoot() {
        let (first, second) = (GroupID.random(), GroupID.random())
        let tree = GroupTree([
            AdministrationGroup(id: first, parent: second, name: "a"), AdministrationGroup(id: second, parent: first, name: "b"),
            AdministrationGroup(id: .random(), parent: .random(), name: "c"),
        ])
        #expect(tree.subtree(of: .root).count == 4)
        for group in tree.all { #expect(tree.chain(to: group.id).first?.id == .root) }
    }
}
