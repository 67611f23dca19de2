import ArgumentParser
import MusterAPI
import MusterModel

extension Devices {
    /// `muster devices move`
    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Moves devices to a group, where they stay whatever moving rules say; --automatic gives them back to the rules.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .devices) var devices: [String]
        @Option(help: ArgumentHelp("The group's path or id.", valueName: "path")) var to: String?
        @Flag(help: "To no group: no policies, no secrets.") var unassigned = false
        @Flag(help: "Where moving rules say, else to the default group.") var automatic = false

        func validate() throws {
            guard [to != nil, unassigned, automatic].count(where: { $0 }) == 1 else {
                throw ValidationError("Say where: --to PATH, --unassigned or --automatic.")
            }
        }

        func run() async throws {
            let group = to ?? (automatic ? GroupWord.automatic : GroupWord.unassigned)
            try await global.change(devices, said: "Moved", already: "placed so") { ChangeDevices(devices: $0, group: group) }
        }
    }

    /// `muster devices approve`
    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approves of devices that wait in Unassigned: they go where their token wanted them, or by rule.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .devices) var devices: [String]

        func run() async throws {
            try await global.change(devices, said: "Approved", already: "approved") { ChangeDevices(devices: $0, approve: true) }
        }
    }

    /// `muster devices tag`
    struct Tag: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives tags to devices, or takes them away. Tags that a rule gives stay as long as it holds.",
            discussion: "Devices come first: muster devices tag web1 web2 --add web --remove test")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .devices) var devices: [String]
        @Option(parsing: .upToNextOption, help: ArgumentHelp("Tags to give.", valueName: "tag")) var add: [String] = []
        @Option(parsing: .upToNextOption, help: ArgumentHelp("Tags to take away.", valueName: "tag")) var remove: [String] = []

        func validate() throws {
            guard !add.isEmpty || !remove.isEmpty else { throw ValidationError("Say which: --add TAG… or --remove TAG…") }
        }

        func run() async throws {
            try await global.change(devices, said: "Tagged", already: "tagged so by hand") {
                ChangeDevices(devices: $0, addTags: add.isEmpty ? nil : add, removeTags: remove.isEmpty ? nil : remove)
            }
        }
    }
}

extension GlobalOptions {
    fileprivate func change(
        _ devices: [String], said: String, already: String, _ body: ([DeviceID]) -> ChangeDevices
    ) async throws {
        let changed = try await withClient { client in
            var ids: [DeviceID] = []
            for device in devices { ids.append(try await client.device(device)) }
            return try await client.call(
                .init(method: .patch, path: APIPath.devices, body: try APIClient.body(body(ids))), as: ChangedDevices.self)
        }
        try ItemPrinter.print(changed, output, members: [(said, changed.words(already))])
    }
}

extension ChangedDevices {
    /// `2 devices`, `1 device; 2 were placed so already`, `no device: 1 was placed so already`.
    fileprivate func words(_ already: String) -> String {
        let done = changed == 0 ? "no device" : changed == 1 ? "1 device" : "\(changed) devices"
        guard devices > changed else { return done }
        let others = devices - changed
        return done + (changed == 0 ? ": " : "; ") + "\(others) \(others == 1 ? "was" : "were") \(already) already"
    }
}

extension DeviceEntry {
    /// `/Warsaw, by hand`.
    var placeWords: String {
        let place = group?.path ?? GroupWord.unassigned
        return switch placement {
        case .automatic: "\(place), by rule"
        case .fixed: "\(place), by hand"
        case .awaitsApproval: "\(place), waits for approval"
        }
    }

    /// `web, old (by rule)`.
    var tagWords: String {
        tags.map { ownTags.contains($0) ? $0 : "\($0) (by rule)" }.joined(separator: ", ")
    }

    /// One line for each reason, or the level alone.
    var statusLines: [String] {
        guard !status.reasons.isEmpty else { return [status.level] }
        return status.reasons.map { reason in
            let since = reason.since.map { " since \(Shown.time($0))" } ?? ""
            let subjects = reason.subjects.isEmpty ? "" : ": " + reason.subjects.joined(separator: ", ")
            return "\(reason.level): \(reason.code)\(since)\(subjects)"
        }
    }
}
