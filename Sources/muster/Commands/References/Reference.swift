import MusterAPI
import MusterModel

/// What a command can be told the name of.
protocol Referable: Codable, Sendable, Identifiable where ID: LosslessStringConvertible & Sendable {
    static var words: ReferenceWords { get }
    /// What the server lists all of them at.
    static var listPath: String { get }
    /// What lists show with the id.
    var shownName: String { get }
    /// Whether the name will do in place of the id.
    static var isNamed: Bool { get }
    /// What tells it from others of its name.
    var shownDetail: String? { get }
}

extension Referable {
    var shownDetail: String? { nil }
}

/// How things of one kind are spoken of in errors.
struct ReferenceWords {
    var one: String
    var many: String
    /// The command that lists them.
    var list: String
}

/// Something as people name it: its id, the beginning of its id, or, where that will do, its name.
struct Reference<Item: Referable> {
    private let text: String
    private var named: [Item] = []
    private var prefixed: [Item] = []

    init(_ text: String) { self.text = text }

    /// The id, where the text is a whole one: nothing needs to be asked.
    var id: Item.ID? { Item.ID(text) }

    private var isLongEnough: Bool { text.count >= ReferenceLimit.shortestPrefix }

    /// Items as they are listed. A name goes before the beginning of an id.
    mutating func considered(_ items: [Item]) {
        if Item.isNamed { named += items.filter { $0.shownName == text } }
        if isLongEnough { prefixed += items.filter { $0.id.description.hasPrefix(text.lowercased()) } }
    }

    func decided(server: APIAddress) throws(CommandError) -> Item {
        let found = named.isEmpty ? prefixed : named
        let shown = TerminalText.escaped(text)
        guard let item = found.first else {
            guard isLongEnough else { throw .referenceTooShort(shown, Item.words, isNamed: Item.isNamed, server) }
            throw .notFound(shown, Item.words, isNamed: Item.isNamed, server)
        }
        guard found.count == 1 else {
            throw .ambiguous(
                shown, Item.words.many,
                candidates: found.prefix(10).map(Self.candidate), of: found.count)
        }
        return item
    }

    private static func candidate(_ item: Item) -> String {
        let detail = item.shownDetail.map { ", \($0)" } ?? ""
        return "\(item.id)  " + TerminalText.escaped(item.shownName + detail)
    }
}

enum ReferenceLimit {
    /// Of the beginning of an id: with four hexadecimal digits two of 300 devices fit with a chance of one in two hundred.
    static let shortestPrefix = 4
}

extension APIClient {
    /// Looks through the list only when `text` is not an id.
    mutating func id<Item: Referable>(of text: String, _ type: Item.Type) async throws -> Item.ID {
        if let id = Reference<Item>(text).id { return id }
        return try await find(text, type).id
    }

    mutating func find<Item: Referable>(_ text: String, _ type: Item.Type) async throws -> Item {
        var reference = Reference<Item>(text)
        try await forEachPage(Item.listPath, limit: nil, of: Item.self) { reference.considered($0) }
        return try reference.decided(server: server)
    }

    mutating func device(_ text: String) async throws -> DeviceID { try await id(of: text, DeviceEntry.self) }

    mutating func package(_ text: String) async throws -> PackageEntry {
        if let id = InstallationPackageID(text) { return try await get(APIPath.filled(APIPath.onePackage, id)) }
        return try await find(text, PackageEntry.self)
    }

    mutating func policy(_ text: String) async throws -> PolicyEntry {
        if let id = PolicyID(text) { return try await get(APIPath.filled(APIPath.policy, id)) }
        return try await find(text, PolicyEntry.self)
    }
}
