import ArgumentParser
import MusterAPI
import MusterModel

/// `muster api-tokens …`
struct APITokens: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-tokens", abstract: "What administrators and programs use the API with.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes an API token. It is shown this once; the server keeps only its hash.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "Whose it is, as lists and the audit trail show it.") var name: String
        @Option(help: "What it may do: viewer, operator, administrator or auditor.") var role: Role = .viewer
        @Option(
            help: ArgumentHelp(
                "For how many devices an hour it may order what runs programs, installs or removes: a number, or unlimited.",
                valueName: "devices"))
        var reach: DeviceReach = .standard
        @Option(
            help: "How long it is good, as 30d; \(CreateAPIToken.standardExpiry.text) unless given.",
            transform: DurationArgument.typed) var expires = DurationArgument(
                CreateAPIToken.standardExpiry)

        func run() async throws {
            let wanted = CreateAPIToken(name: name, role: role, reach: reach, expiresInSeconds: expires.seconds)
            let created = try await global.withClient { client in
                let request = APIRequest(method: .post, path: APIPath.apiTokens, body: try APIClient.body(wanted))
                return try await client.call(request, as: CreatedAPIToken.self)
            }
            try ItemPrinter.print(
                created, global.output,
                members: [
                    ("Id", created.id.description), ("Token", created.token), ("Role", created.role.rawValue),
                    ("Reach", "\(reach) devices an hour"),
                    ("Expires", Shown.time(created.expires)),
                ])
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the API tokens, without their secrets.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption

        func run() async throws {
            try await global.withClient { client in
                try await client.printList(
                    of: APITokenEntry.self, at: APIPath.apiTokens, limit: limit.limit, global.output,
                    empty: "There is no API token.")
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends an API token at once.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .token) var id: TokenIDArgument

        func run() async throws { try await id.revoke(APITokenEntry.self, at: APIPath.apiToken, global) }
    }
}
