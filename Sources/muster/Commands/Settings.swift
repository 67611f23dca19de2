import ArgumentParser
import MusterAPI
import MusterModel

/// `muster settings …`
struct Settings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Settings for all devices.", subcommands: [Get.self, Set.self])

    /// The settings there are.
    enum Name: String, ExpressibleByArgument, CaseIterable, Sendable { case syncInterval = "sync-interval" }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a setting.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Which: sync-interval.") var name: Name

        func run() async throws {
            let setting = try await global.withClient { client in
                try await client.get(APIPath.syncInterval, as: SyncIntervalSetting.self)
            }
            try Settings.print(setting, global.output)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes a setting; in force at each device's next connection.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Which: sync-interval.") var name: Name
        @Argument(help: "Its value: a duration from 1m to 24h, as 5m.") var value: DurationArgument

        func run() async throws {
            let body = try APIClient.body(SetSyncInterval(syncIntervalSeconds: value.seconds))
            let setting = try await global.withClient { client in
                try await client.call(
                    .init(method: .put, path: APIPath.syncInterval, body: body), as: SyncIntervalSetting.self)
            }
            try Settings.print(setting, global.output)
        }
    }

    private static func print(_ setting: SyncIntervalSetting, _ format: OutputFormat) throws {
        try ItemPrinter.print(
            setting, format, members: [("sync-interval", setting.duration.text), ("revision", String(setting.revision))])
    }
}
