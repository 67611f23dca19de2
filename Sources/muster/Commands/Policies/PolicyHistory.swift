import ArgumentParser
import MusterAPI
import MusterModel

extension Policies {
    /// `muster policies history`
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists how a policy was changed, by whom and when, the newest first.",
            discussion: "The newest 100 changes are kept.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption
        @Argument(help: .policy) var policy: String

        func run() async throws {
            try await global.withClient { client in
                let path = APIPath.filled(APIPath.policyRevisions, try await client.policy(policy).id)
                try await client.printList(
                    of: PolicyRevisionEntry.self, at: path, limit: limit.limit, global.output, empty: "It has no history.")
            }
        }
    }

    /// `muster policies restore`
    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a policy what it was at an earlier revision, as a new one.",
            discussion: "Values and profiles are restored; the name, and whether it is active, stay as they are.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var dryRun: DryRunOption
        @Argument(help: .policy) var policy: String
        @Argument(help: "The revision: 'muster policies history' lists them.") var revision: Int64

        func run() async throws {
            try await global.withClient { client in
                let found = try await client.policy(policy)
                guard dryRun.dryRun else {
                    let entry: PolicyEntry = try await client.restore(found, to: revision)
                    return try PolicyPrinter.print(entry, global.output)
                }
                let run: PolicyDryRun = try await client.restore(found, to: revision, query: dryRun.query)
                try ItemPrinter.print(run, global.output, members: run.members)
            }
        }
    }
}
