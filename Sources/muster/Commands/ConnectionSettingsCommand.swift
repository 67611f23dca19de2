import ArgumentParser
import MusterAPI
import MusterModel

extension Settings {
    /// `muster settings connection`: where devices are to find the server.
    struct Connection: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows or changes where devices are to find the server, and through what proxy.",
            discussion: """
                Without options it is shown. Each device tries new settings beside its connection before it uses them, and stays \
                with the old ones when no synchronization completes over the new: the event connection-settings-rolled-back says why.
                """)
        @OptionGroup var global: GlobalOptions
        @Option(
            name: .customLong("server-address"), parsing: .upToNextOption,
            help: ArgumentHelp("Where devices reach the server, in the order they try.", valueName: "host[:port]"),
            transform: ConnectionArgument.server)
        var address: [ServerAddress] = []
        @Option(
            help: ArgumentHelp("Through this proxy.", valueName: "http://[user:password@]host:port"),
            transform: ConnectionArgument.proxy)
        var proxy: ProxyAddress?
        @Flag(help: "The server sets no addresses any more: each device goes on with those it has.") var unmanaged = false

        func validate() throws {
            guard !unmanaged || (address.isEmpty && proxy == nil) else {
                throw ValidationError("--unmanaged does not go with --server-address or --proxy.")
            }
            guard proxy == nil || !address.isEmpty else {
                throw ValidationError("--proxy goes with at least one --server-address.")
            }
        }

        func run() async throws {
            if proxy?.password.isEmpty == false {
                Console.remark(
                    "warning: every user of this machine can see the proxy's password while this command runs; 'muster policies set POLICY --secret proxy-password=FILE' shows it to nobody"
                )
            }
            let entry = try await global.withClient { client in
                guard unmanaged || !address.isEmpty else {
                    return try await client.get(APIPath.connectionSettings, as: ConnectionSettingsEntry.self)
                }
                let body = try APIClient.body(
                    SetConnectionSettings(servers: address.map(\.description), proxy: proxy?.url))
                return try await client.call(
                    .init(method: .put, path: APIPath.connectionSettings, body: body), as: ConnectionSettingsEntry.self)
            }
            let servers =
                entry.servers.isEmpty ? "not set: each device goes on with those it has" : entry.servers.joined(separator: ", ")
            try ItemPrinter.print(
                entry, global.output,
                members: [
                    ("Server addresses", servers), ("Proxy", Shown.text(entry.proxy)), ("Revision", String(entry.revision)),
                ])
        }
    }
}
