import ArgumentParser
import MusterAPI
import MusterModel

/// `muster selections …`
struct Selections: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Device selections: questions about devices, kept under a name.",
        discussion: "'muster devices list --selection NAME' gives the devices a selection holds for now.",
        subcommands: [List.self, Create.self, Show.self, Edit.self, Delete.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the selections in order of their names.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption

        func run() async throws {
            try await global.withClient { client in
                try await client.printList(
                    of: SelectionEntry.self, at: APIPath.selections, limit: limit.limit, global.output,
                    empty: "There is no device selection.")
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keeps a question about devices under a name.",
            discussion: "The question is made of the options, all of which must hold; --filter takes any device expression.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var filter: DeviceFilterOptions
        @Argument(help: "What it is called.") var name: String

        func validate() throws {
            guard try filter.expression() != nil else { throw ValidationError("Give --filter or other filters.") }
        }

        func run() async throws {
            let body = try APIClient.body(SelectionChange(name: name, filter: try filter.expression()?.text))
            try await global.printSelection(.init(method: .post, path: APIPath.selections, body: body))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a selection.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .selection) var selection: String

        func run() async throws { try await global.printSelection(.get(APIPath.selection(selection))) }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes a selection: its name, or the whole of what it asks for. What is not given stays.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var revision: RevisionOption
        @OptionGroup var filter: DeviceFilterOptions
        @Option(name: .customLong("rename"), help: "Another name.") var newName: String?
        @Argument(help: .selection) var selection: String

        func run() async throws {
            let body = try APIClient.body(SelectionChange(name: newName, filter: try filter.expression()?.text))
            try await global.printSelection(
                .init(method: .patch, path: APIPath.selection(selection), headers: revision.headers, body: body))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes a selection; devices are not touched.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var revision: RevisionOption
        @Argument(help: .selection) var selection: String

        func run() async throws {
            let request = APIRequest(
                method: .delete, path: APIPath.selection(selection), headers: revision.headers)
            try await global.withClient { try await $0.perform(request) }
            try ItemPrinter.print(["selection": selection], global.output, members: [("Deleted", selection)])
        }
    }
}

extension GlobalOptions {
    fileprivate func printSelection(_ request: APIRequest) async throws {
        let selection = try await withClient { try await $0.call(request, as: SelectionEntry.self) }
        try ItemPrinter.print(
            selection, output,
            members: [
                ("Id", selection.id.description), ("Name", selection.name), ("Filter", selection.filter),
                ("Created", Shown.time(selection.created)), ("Changed", Shown.time(selection.changed)),
                ("Revision", String(selection.revision)),
            ])
    }
}

extension APIPath {
    /// Of a selection by its id or name.
    fileprivate static func selection(_ text: String) -> String { filled(selection, APIRequest.escaped(text)) }
}

extension SelectionEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "NAME"), .init(title: "FILTER"), .init(title: "CHANGED"),
    ]

    var cells: [String] { [id.description, name, filter, Shown.time(changed)] }
}
