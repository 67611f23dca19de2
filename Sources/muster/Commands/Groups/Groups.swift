import ArgumentParser
import MusterAPI
import MusterModel

/// `muster groups …`
struct Groups: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Administration groups: devices that are managed alike.",
        discussion: """
            Groups form a tree. A group is named by its path, as /Warsaw/Office, or by its id; / is the root, Managed devices. Devices outside \
            of it are in 'Unassigned': they send inventory and events, and get no policies.
            """,
        subcommands: [List.self, Create.self, Show.self, Rename.self, Move.self, Delete.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the groups, each before those below it.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption

        func run() async throws {
            try await global.withClient { client in
                try await client.printList(
                    of: GroupEntry.self, at: APIPath.groups, limit: limit.limit, global.output, empty: "There is no group.")
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a group below one that is there.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its path, as /Warsaw/Office.") var path: String

        func run() async throws {
            let body = try APIClient.body(CreateGroup(path: path))
            try await global.printGroup(.init(method: .post, path: APIPath.groups, body: body))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a group.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .group) var group: String

        func run() async throws { try await global.printGroup(.get(APIPath.group(group))) }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Gives a group another name.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var revision: RevisionOption
        @Argument(help: .group) var group: String
        @Argument(help: "The new name, not a path.") var name: String

        func run() async throws {
            try await global.printGroup(
                .init(
                    method: .patch, path: APIPath.group(group), headers: revision.headers,
                    body: try APIClient.body(ChangeGroup(name: name))))
        }
    }

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Moves a group, with all that is in it and below it, under another.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var revision: RevisionOption
        @Argument(help: .group) var group: String
        @Option(help: ArgumentHelp("The group it is to be under.", valueName: "path")) var to: String

        func run() async throws {
            try await global.printGroup(
                .init(
                    method: .patch, path: APIPath.group(group), headers: revision.headers,
                    body: try APIClient.body(ChangeGroup(parent: to))))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes a group without groups below it.",
            discussion: """
                What refers to it stays safe: without the option that says what becomes of it, nothing is deleted and the answer says what \
                there is. Devices that rules place in the group go where their rules say then.
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var revision: RevisionOption
        @Argument(help: .group) var group: String
        @Option(help: ArgumentHelp("Where devices go that were placed in it: a group, or unassigned.", valueName: "path"))
        var devicesTo: String?
        @Flag(help: "Delete the devices that were placed in it: they are refused from then on.") var deleteDevices = false
        @Flag(help: "Its policies too.") var policies = false
        @Flag(help: "Moving rules that move to it too.") var rules = false
        @Flag(help: "Take it from enrolment tokens and installation packages as their target.") var targets = false
        @Flag(help: "Leave selections and policy profiles that name it as they are: no device is in that group then.")
        var leaveExpressions = false

        func validate() throws {
            guard devicesTo == nil || !deleteDevices else {
                throw ValidationError("--devices-to does not go with --delete-devices.")
            }
        }

        func run() async throws {
            var query: [(name: String, value: String)] = devicesTo.map { [("devicesTo", $0)] } ?? []
            for (name, isSet) in [
                ("deleteDevices", deleteDevices), ("policies", policies), ("rules", rules), ("targets", targets),
                ("leaveExpressions", leaveExpressions),
            ] where isSet { query.append((name, "true")) }
            let request = APIRequest(
                method: .delete, path: APIPath.group(group), query: query, headers: revision.headers)
            let deleted = try await global.withClient { try await $0.call(request, as: DeletedGroup.self) }
            try ItemPrinter.print(
                deleted, global.output,
                members: [
                    ("Deleted", deleted.id.description), ("Devices", String(deleted.devices)),
                    ("Policies", String(deleted.policies)), ("Rules", String(deleted.rules)),
                ])
        }
    }
}

extension GlobalOptions {
    fileprivate func printGroup(_ request: APIRequest) async throws {
        let group = try await withClient { try await $0.call(request, as: GroupEntry.self) }
        try ItemPrinter.print(
            group, output,
            members: [
                ("Id", group.id.description), ("Path", group.path), ("Name", group.name), ("Devices", String(group.devices)),
                ("Devices with those below", String(group.devicesWithBelow)), ("Policies", String(group.policies)),
                ("Created", Shown.time(group.created)), ("Changed", Shown.time(group.changed)),
                ("Revision", String(group.revision)),
            ])
    }
}

extension APIPath {
    /// Of a group by its id or path.
    static func group(_ text: String) -> String { filled(group, APIRequest.escaped(text)) }
}

extension GroupEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "PATH"), .init(title: "DEVICES", right: true), .init(title: "WITH BELOW", right: true),
        .init(title: "POLICIES", right: true),
    ]

    var cells: [String] {
        [id.description, path, String(devices), String(devicesWithBelow), String(policies)]
    }
}

/// Refuse when somebody was faster.
struct RevisionOption: ParsableArguments {
    @Option(help: "Refuse if it was changed since this revision.") var revision: Int64?

    var headers: [(name: String, value: String)] { revision.map { [("If-Match", "\"\($0)\"")] } ?? [] }
}
