import ArgumentParser
import MusterAPI
import MusterModel

extension Devices {
    /// `muster devices settings`
    struct Settings: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the settings in force on a device, and where each comes from.",
            discussion: """
                With --explain, under each what it overrides: what would be in force instead stands first. As JSON that is there \
                anyway.
                """)
        @OptionGroup var global: GlobalOptions
        @Option(help: "Only those of this application: its id.") var application: String?
        @Flag(help: "With what each value overrides.") var explain = false
        @Argument(help: .device) var device: String

        func run() async throws {
            var printer = DeviceSettingPrinter(global.output, explain: explain)
            let query = application.map { [(name: "application", value: $0)] } ?? []
            try await global.withClient { client in
                let path = APIPath.filled(APIPath.deviceSettings, try await client.device(device))
                try printer.print(try await client.get(path, query: query, as: Page<DeviceSettingEntry>.self).items)
            }
            try printer.finish()
        }
    }

    /// `muster devices set`
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets values for one device alone.",
            discussion: """
                Such a value goes before those of policies, except where one of them is locked; what is in force then, and why, is \
                printed. Keys and what is allowed: 'muster applications show APPLICATION'. A secret comes out of a file: --secret \
                network-agent/proxy-password=FILE.
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var secrets: SecretOption
        @Argument(help: .device) var device: String
        @Argument(
            help: ArgumentHelp("Values, as network-agent/sync-interval=5m.", valueName: "application/key=value"),
            transform: SettingArgument.typed)
        var settings: [SettingArgument] = []

        private var given: GivenSettings { GivenSettings(typed: settings, secrets: secrets.secret) }

        func validate() throws {
            guard !given.isEmpty else {
                throw ValidationError("Say what to set: APPLICATION/KEY=VALUE, or --secret APPLICATION/KEY=FILE.")
            }
            try given.validate()
            for argument in settings + secrets.secret { _ = try argument.named() }
        }

        func run() async throws {
            try await global.withClient { client in
                let applications = try await client.applications()
                let values = try given.values { key in
                    guard let name = try? SettingName.parsed(key) else { return nil }
                    return applications.first { $0.id == name.application }?.isSecret(name.key)
                }
                var changes = DeviceSettingChanges()
                for (key, text) in values { changes.add(try SettingName.parsed(key), .text(text)) }
                try await client.change(changes, of: try await client.device(device), global.output)
            }
        }
    }

    /// `muster devices unset`
    struct Unset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes away values set for one device alone: what policies say is in force again.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String
        @Argument(
            help: ArgumentHelp("The settings, as network-agent/sync-interval.", valueName: "application/key"),
            transform: SettingName.parsed)
        var settings: [SettingName]

        func run() async throws {
            var changes = DeviceSettingChanges()
            for name in settings { changes.add(name, nil) }
            try await global.withClient { [changes] client in
                try await client.change(changes, of: try await client.device(device), global.output)
            }
        }
    }
}

/// Values for one device, by application: the server takes one application at a time.
struct DeviceSettingChanges: Sendable {
    private(set) var byApplication: [String: [String: ManagedValueEntry?]] = [:]

    /// - Parameter value: nil takes it away.
    mutating func add(_ name: SettingName, _ value: ManagedValueEntry?) {
        byApplication[name.application, default: [:]].updateValue(value, forKey: name.key)
    }
}

extension APIClient {
    /// Changes, and prints what is in force of the settings that were named.
    fileprivate mutating func change(
        _ changes: DeviceSettingChanges, of device: DeviceID, _ format: OutputFormat
    ) async throws {
        let path = APIPath.filled(APIPath.deviceSettings, device)
        var printer = DeviceSettingPrinter(format, explain: true)
        for (application, settings) in changes.byApplication.sorted(by: { $0.key < $1.key }) {
            let body = try Self.body(ChangeDeviceSettings(application: application, settings: settings))
            let answer = try await call(
                .init(method: .patch, path: path, body: body), as: Page<DeviceSettingEntry>.self)
            try printer.print(answer.items.filter { $0.application == application && settings.keys.contains($0.key) })
        }
        try printer.finish()
    }
}

/// Prints settings of a device, each with what it overrides or without.
struct DeviceSettingPrinter {
    private let explain: Bool
    private let format: OutputFormat
    private var list: ListPrinter<DeviceSettingEntry>
    private var table = Table(DeviceSettingEntry.columns)

    init(_ format: OutputFormat, explain: Bool) {
        self.format = format
        self.explain = explain
        list = ListPrinter(format, empty: "Nothing can be set on the device.")
    }

    mutating func print(_ settings: [DeviceSettingEntry]) throws {
        guard !settings.isEmpty else { return }
        guard explain && format == .table else { return try list.print(settings) }
        for line in table.lines(settings.flatMap(\.explained)) { try Console.line(line) }
    }

    func finish() throws {
        if !explain || format == .json { try list.finish() }
    }
}
