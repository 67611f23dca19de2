import ArgumentParser
import MusterAPI
import MusterModel

/// `muster policies …`
struct Policies: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Policies: settings of applications for the devices of a group and of the groups below it.",
        discussion: """
            One policy of an application is active in each group. A value that is locked is kept by the groups below and by the devices \
            themselves. A profile is a part of a policy for the devices on which an expression holds. What came of it on a \
            device, and why: 'muster devices settings DEVICE --explain'.
            """,
        subcommands: [
            List.self, Show.self, Create.self, Set.self, Unset.self, Lock.self, Unlock.self, Rename.self, Activate.self,
            Deactivate.self, AddProfile.self, EditProfile.self, RemoveProfile.self, History.self, Restore.self, Delivery.self,
            Delete.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the policies.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption
        @Option(help: "Only those of this application: its id.") var application: String?
        @Option(help: ArgumentHelp("Only those of this very group: its path, as /Warsaw, or id.", valueName: "group"))
        var group: String?

        func run() async throws {
            var query: [(name: String, value: String)] = []
            if let application { query.append(("application", application)) }
            if let group { query.append(("group", group)) }
            try await global.withClient { client in
                try await client.printList(
                    of: PolicyEntry.self, at: APIPath.policies, query: query, limit: limit.limit, global.output,
                    empty: query.isEmpty ? "There is no policy." : "There is no such policy.")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a policy: what it sets, and its profiles in order.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .policy) var policy: String

        func run() async throws {
            let entry = try await global.withClient { client in try await client.policy(policy) }
            try PolicyPrinter.print(entry, global.output)
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a policy.",
            discussion:
                "It is in force at once, in place of the one of the same application and group that was, unless told otherwise. Keys and what is allowed: 'muster applications show APPLICATION'."
        )
        @OptionGroup var global: GlobalOptions
        @OptionGroup var settings: SettingOptions
        @Option(help: "The application it is for: its id, as network-agent.") var application: String
        @Option(help: "The group whose devices it is for: its path, as /Warsaw, or id; / is that of all managed devices.")
        var group: String
        @Flag(help: "Not in force until 'muster policies activate'.") var inactive = false
        @OptionGroup var dryRun: DryRunOption
        @Argument(help: "What it is called.") var name: String

        func run() async throws {
            try await global.withClient { client in
                let values = try await client.values(settings.given, of: application)
                let body = CreatePolicy(
                    name: name, application: application, group: group, active: !inactive, settings: settings.settings(values))
                var request = APIRequest(method: .post, path: APIPath.policies, body: try APIClient.body(body))
                guard dryRun.dryRun else {
                    return try PolicyPrinter.print(try await client.call(request, as: PolicyEntry.self), global.output)
                }
                request.query = dryRun.query
                let run = try await client.call(request, as: PolicyDryRun.self)
                try ItemPrinter.print(run, global.output, members: run.members)
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Deletes a policy; on its devices the next one up the tree is in force, or what the application has by itself.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var dryRun: DryRunOption
        @Argument(help: .policy) var policy: String

        func run() async throws {
            try await global.withClient { client in
                let found = try await client.policy(policy)
                var request = APIRequest(method: .delete, path: APIPath.filled(APIPath.policy, found.id))
                guard dryRun.dryRun else {
                    try await client.perform(request)
                    return try ItemPrinter.print(
                        ["id": found.id.description], global.output, members: [("Deleted", Shown.named(found.name, found.id))])
                }
                request.query = dryRun.query
                let run = try await client.call(request, as: PolicyDryRun.self)
                try ItemPrinter.print(run, global.output, members: run.members)
            }
        }
    }
}
