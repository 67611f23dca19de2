import ArgumentParser
import MusterAPI
import MusterModel

/// `muster enrolment-tokens …`
struct EnrolmentTokens: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrolment-tokens", abstract: "What devices enrol with.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes an enrolment token. It is shown this once; the server keeps only its hash.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "What it is for, as lists show it.") var name: String?
        @Option(
            help: "How long it is good, as 30d; \(CreateEnrolmentToken.standardExpiry.text) unless given.",
            transform: DurationArgument.typed) var expires = DurationArgument(
                CreateEnrolmentToken.standardExpiry)
        @Option(help: "How many devices may enrol with it.") var uses = CreateEnrolmentToken.standardUses
        @Option(help: ArgumentHelp("The group devices come to: path or id; without it, where rules say.", valueName: "path"))
        var group: String?
        @Option(help: ArgumentHelp("A tag devices get; may be given several times.", valueName: "tag")) var tag: [String] = []
        @Flag(help: "Devices wait in Unassigned until 'muster devices approve'.") var approval = false
        @Flag(help: "Tick 'Do not disconnect from the Administration Server' for each device, as far as the limit lets.")
        var permanentConnection = false

        func run() async throws {
            let wanted = CreateEnrolmentToken(
                name: name, expiresInSeconds: expires.seconds, maximumUses: uses, group: group, tags: tag.isEmpty ? nil : tag,
                approval: approval ? true : nil, permanentConnection: permanentConnection ? true : nil)
            let created = try await global.withClient { client in
                let request = APIRequest(method: .post, path: APIPath.enrolmentTokens, body: try APIClient.body(wanted))
                return try await client.call(request, as: CreatedEnrolmentToken.self)
            }
            let pins = created.pins.map { ("Pin", $0.description) }
            try ItemPrinter.print(
                created, global.output,
                members: [("Id", created.id.description), ("Token", created.token)] + pins + [
                    ("Uses", String(created.maximumUses)), ("Expires", Shown.time(created.expires)),
                ])
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the enrolment tokens, without their secrets.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption

        func run() async throws {
            try await global.withClient { client in
                try await client.printList(
                    of: EnrolmentTokenEntry.self, at: APIPath.enrolmentTokens, limit: limit.limit, global.output,
                    empty: "There is no enrolment token.")
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends an enrolment token. Devices that enrolled with it stay enrolled.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .token) var id: TokenIDArgument

        func run() async throws { try await id.revoke(EnrolmentTokenEntry.self, at: APIPath.enrolmentToken, global) }
    }
}

/// A token's id or its beginning; a whole token (`id.secret`) is refused, so that nobody gets used to typing secrets.
struct TokenIDArgument: ExpressibleByArgument, Sendable {
    let text: String

    init?(argument: String) {
        guard !argument.isEmpty, argument.allSatisfy({ $0 == "-" || $0.isHexDigit }) else { return nil }
        text = argument
    }

    func revoke<Token: Referable>(_ type: Token.Type, at path: String, _ global: GlobalOptions) async throws {
        let id = try await global.withClient { client in
            let id = try await client.id(of: text, type).description
            try await client.perform(.init(method: .delete, path: APIPath.filled(path, id)))
            return id
        }
        try ItemPrinter.print(["id": id], global.output, members: [("Revoked", id)])
    }
}
