import ArgumentParser
import MusterAPI
import MusterModel

/// What the commands of both kinds of rules do, at the paths of one.
struct RuleKindCommands {
    static let moving = Self(list: APIPath.movingRules, one: APIPath.movingRule, words: "moving rule")
    static let tag = Self(list: APIPath.tagRules, one: APIPath.tagRule, words: "tag rule")

    private let listPath: String
    private let onePath: String
    private let words: String

    private init(list: String, one: String, words: String) {
        listPath = list
        onePath = one
        self.words = words
    }

    func list(_ global: GlobalOptions) async throws {
        let rules = try await global.withClient { try await $0.get(listPath, as: Page<RuleEntry>.self) }
        try print(rules.items, global.output)
    }

    func create(_ change: RuleChange, _ dryRun: DryRunOption, _ global: GlobalOptions) async throws {
        let request = APIRequest(
            method: .post, path: listPath, query: dryRun.query, body: try APIClient.body(change))
        if dryRun.dryRun { return try await show(request, global) }
        try print(try await global.withClient { try await $0.call(request, as: RuleEntry.self) }, global.output)
    }

    func edit(_ options: RuleEditing, _ change: RuleChange, _ global: GlobalOptions) async throws {
        let id = try await global.withClient { try await find(options.rule, &$0).id }
        let request = APIRequest(
            method: .patch, path: APIPath.filled(onePath, id), query: options.dryRun.query, headers: options.revision.headers,
            body: try APIClient.body(change))
        if options.dryRun.dryRun { return try await show(request, global) }
        try print(try await global.withClient { try await $0.call(request, as: RuleEntry.self) }, global.output)
    }

    func order(_ options: RuleOrdering, _ global: GlobalOptions) async throws {
        let order = try await global.withClient { client in
            var ids: [RuleID] = []
            for rule in options.rules { ids.append(try await find(rule, &client).id) }
            return ids
        }
        let request = APIRequest(
            method: .put, path: listPath, query: options.dryRun.query, body: try APIClient.body(OrderRules(order: order)))
        if options.dryRun.dryRun { return try await show(request, global) }
        try print(try await global.withClient { try await $0.call(request, as: Page<RuleEntry>.self) }.items, global.output)
    }

    func delete(_ options: RuleDeletion, _ global: GlobalOptions) async throws {
        let id = try await global.withClient { try await find(options.rule, &$0).id }
        let request = APIRequest(
            method: .delete, path: APIPath.filled(onePath, id), query: options.dryRun.query, headers: options.revision.headers)
        if options.dryRun.dryRun { return try await show(request, global) }
        try await global.withClient { try await $0.perform(request) }
        try ItemPrinter.print(["id": id.description], global.output, members: [("Deleted", id.description)])
    }

    /// A name goes before the beginning of an id.
    private func find(_ text: String, _ client: inout APIClient) async throws -> RuleEntry {
        var reference = Reference<RuleEntry>(text)
        let rules = try await client.get(listPath, as: Page<RuleEntry>.self).items
        if let id = reference.id, let rule = rules.first(where: { $0.id == id }) { return rule }
        reference.considered(rules)
        return try reference.decided(server: client.server)
    }

    // MARK: Output

    private func show(_ request: APIRequest, _ global: GlobalOptions) async throws {
        let effect = try await global.withClient { try await $0.call(request, as: RuleEffect.self) }
        guard global.output == .table else { return try ItemPrinter.print(effect, global.output, members: []) }
        if !effect.devices.isEmpty {
            var printer = ListPrinter<RuleEffect.Device>(.table, empty: "")
            try printer.print(effect.devices)
            try printer.finish()
        }
        let listed = effect.devices.count
        let total = Int(max(effect.moved, effect.tagged))
        if total > listed { try Console.line("… of which the first \(listed) are shown.") }
        try Console.line("Nothing was changed. Devices that would move: \(effect.moved); with other tags: \(effect.tagged).")
    }

    private func print(_ rules: [RuleEntry], _ format: OutputFormat) throws {
        var printer = ListPrinter<RuleEntry>(format, empty: "There is no \(words).")
        if !rules.isEmpty { try printer.print(rules) }
        try printer.finish()
    }

    private func print(_ rule: RuleEntry, _ format: OutputFormat) throws {
        try ItemPrinter.print(
            rule, format,
            members: [
                ("Id", rule.id.description), ("Name", rule.name), ("Position", String(rule.position)), ("When", rule.when),
                rule.effect, ("Enabled", Shown.yesNo(rule.enabled)), ("Revision", String(rule.revision)),
            ])
    }
}

extension RuleEntry: Referable {
    static let words = ReferenceWords(one: "rule", many: "rules", list: "muster moving-rules list' or 'muster tag-rules list")
    static let listPath = APIPath.movingRules
    static let isNamed = true
    var shownName: String { name }
}

extension RuleEntry: TableRow {
    fileprivate var effect: (name: String, value: String) {
        tag.map { ("Tag", $0) } ?? ("To", to?.path ?? GroupWord.unassigned)
    }

    static let columns: [Table.Column] = [
        .init(title: "NO", right: true), .init(title: "ID"), .init(title: "NAME"), .init(title: "GIVES"), .init(title: "WHEN"),
        .init(title: "ENABLED"),
    ]

    var cells: [String] { [String(position), id.description, name, effect.value, when, Shown.yesNo(enabled)] }
}

extension RuleEffect.Device: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "DEVICE"), .init(title: "ID"), .init(title: "FROM"), .init(title: "TO"), .init(title: "TAGS"),
    ]

    var cells: [String] {
        let tags = addedTags.map { "+\($0)" } + removedTags.map { "-\($0)" }
        return [
            name, device.description, from ?? GroupWord.unassigned, to ?? GroupWord.unassigned,
            Shown.text(tags.joined(separator: " ")),
        ]
    }
}
