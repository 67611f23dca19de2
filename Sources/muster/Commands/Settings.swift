import ArgumentParser
import MusterAPI
import MusterModel

/// `muster settings …`
struct Settings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Settings for all devices.", subcommands: [Get.self, Set.self, Connection.self, DefaultGroup.self])

    /// The settings there are.
    enum Name: String, ExpressibleByArgument, CaseIterable, Sendable {
        case syncInterval = "sync-interval"
        case permanentConnectionLimit = "permanent-connections.limit"
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a setting.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Which: sync-interval or permanent-connections.limit.") var name: Name

        func run() async throws {
            switch name {
            case .syncInterval:
                let setting = try await global.withClient { client in
                    try await client.get(APIPath.syncInterval, as: SyncIntervalSetting.self)
                }
                try Settings.print(setting, global.output)
            case .permanentConnectionLimit:
                let setting = try await global.withClient { client in
                    try await client.get(APIPath.permanentConnectionLimit, as: PermanentConnectionLimitSetting.self)
                }
                try Settings.print(setting, global.output)
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes a setting; devices hear of it at once over a permanent connection, else at their next one.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Which: sync-interval or permanent-connections.limit.") var name: Name
        @Argument(help: "Its value: a duration from 1m to 24h, as 5m; a number of devices.") var value: String

        func validate() throws { _ = try change() }

        func run() async throws {
            let request = try change()
            switch name {
            case .syncInterval:
                let setting = try await global.withClient { try await $0.call(request, as: SyncIntervalSetting.self) }
                try Settings.print(setting, global.output)
            case .permanentConnectionLimit:
                let setting = try await global.withClient {
                    try await $0.call(request, as: PermanentConnectionLimitSetting.self)
                }
                try Settings.print(setting, global.output)
            }
        }

        private func change() throws -> APIRequest {
            switch name {
            case .syncInterval:
                guard let value = DurationArgument(argument: value) else {
                    throw ValidationError("'\(value)' is no duration: 5m, 90s, 2h.")
                }
                let body = try APIClient.body(SetSyncInterval(syncIntervalSeconds: value.seconds))
                return APIRequest(method: .put, path: APIPath.syncInterval, body: body)
            case .permanentConnectionLimit:
                guard let limit = Int64(value) else { throw ValidationError("'\(value)' is no whole number.") }
                let body = try APIClient.body(SetPermanentConnectionLimit(limit: limit))
                return APIRequest(method: .put, path: APIPath.permanentConnectionLimit, body: body)
            }
        }
    }

    private static func print(_ setting: SyncIntervalSetting, _ format: OutputFormat) throws {
        try ItemPrinter.print(
            setting, format, members: [("sync-interval", setting.duration.text), ("revision", String(setting.revision))])
    }

    private static func print(_ setting: PermanentConnectionLimitSetting, _ format: OutputFormat) throws {
        try ItemPrinter.print(
            setting, format,
            members: [("permanent-connections.limit", String(setting.limit)), ("revision", String(setting.revision))])
    }
}
