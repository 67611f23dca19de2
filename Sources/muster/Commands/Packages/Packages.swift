import ArgumentParser
import MusterAPI
import MusterModel

/// `muster packages …`
struct Packages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Installation packages: what installs an agent that finds and knows this server.",
        subcommands: [Create.self, List.self, Show.self, Edit.self, Delete.self, PackageDownload.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes an installation package.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PackageOptions
        @Argument(help: "What it is called.") var name: String

        func validate() throws {
            guard !options.servers.isEmpty else {
                throw ValidationError("--server-address is missing: where devices reach the server, HOST[:PORT]")
            }
        }

        func run() async throws {
            let body = try APIClient.body(options.change(name: name))
            let created = try await global.withClient { client in
                try await client.call(.init(method: .post, path: APIPath.packages, body: body), as: PackageEntry.self)
            }
            try Packages.print(created, global.output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the installation packages in order of their names.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption

        func run() async throws {
            try await global.withClient { client in
                try await client.printList(
                    of: PackageEntry.self, at: APIPath.packages, limit: limit.limit, global.output,
                    empty: "There is no installation package.")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a package, or with --devices the devices that enrolled by it.")
        @OptionGroup var global: GlobalOptions
        @Flag(help: "The devices that enrolled by it.") var devices = false
        @Argument(help: .package) var package: String

        func run() async throws {
            try await global.withClient { client in
                let entry = try await client.package(package)
                guard devices else { return try Packages.print(entry, global.output) }
                try await client.printList(
                    of: PackageDeviceEntry.self, at: APIPath.filled(APIPath.packageDevices, entry.id), limit: nil, global.output,
                    empty: "No device is enrolled by it.")
            }
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes a package; in force for later downloads.",
            discussion: "What is not given stays. Devices that enrolled by it, and downloads made before, are not changed.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PackageOptions
        @Option(help: "Another name.") var name: String?
        @Option(help: "Refuse if it was changed since this revision.") var revision: Int64?
        @Argument(help: .package) var package: String

        func run() async throws {
            let body = try APIClient.body(options.change(name: name))
            let headers = revision.map { [(name: "If-Match", value: "\"\($0)\"")] } ?? []
            let edited = try await global.withClient { client in
                let path = APIPath.filled(APIPath.onePackage, try await client.package(package).id)
                return try await client.call(
                    .init(method: .patch, path: path, headers: headers, body: body), as: PackageEntry.self)
            }
            try Packages.print(edited, global.output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes a package: its downloads enrol no more devices. Devices stay enrolled.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .package) var package: String

        func run() async throws {
            let id = try await global.withClient { client in
                let id = try await client.package(package).id
                try await client.perform(.init(method: .delete, path: APIPath.filled(APIPath.onePackage, id)))
                return id
            }
            try ItemPrinter.print(["id": id.description], global.output, members: [("Deleted", id.description)])
        }
    }

    /// Warnings go to stderr too, so that a script's output stays what it was.
    private static func print(_ package: PackageEntry, _ format: OutputFormat) throws {
        for warning in package.warnings ?? [] { Console.remark("warning: \(TerminalText.escaped(warning.text))") }
        try ItemPrinter.print(package, format, members: members(package))
    }

    private static func members(_ package: PackageEntry) -> [(name: String, value: String)] {
        func ownSwitch(_ value: Bool?) -> String { value.map { $0 ? "on" : "off" } ?? "as for all" }
        let servers = package.servers.map { ("Server address", $0) }
        return [("Id", package.id.description), ("Name", package.name)] + servers + [
            ("UDP port", String(package.udpPort)), ("Proxy", Shown.text(package.proxy)),
            ("Interval", package.syncIntervalSeconds.map { Duration.seconds($0).text } ?? "as for all"),
            ("Connection requests", ownSwitch(package.connectionRequests)),
            ("Request port", package.requestPort.map(String.init) ?? "as for all"), ("Firewall", ownSwitch(package.firewall)),
            ("Permanent connection", package.permanentConnection ? "on" : "off"),
            ("Group", package.group?.path ?? "where rules say"), ("Tags", Shown.text(package.tags.joined(separator: ", "))),
            ("Approval", package.approval ? "on" : "off"),
            ("Token life", Duration.seconds(package.tokenLifeSeconds).text), ("Token uses", String(package.tokenUses)),
            ("Downloads", String(package.downloads)), ("Devices", String(package.devices)),
            ("Created", Shown.time(package.created)), ("Changed", Shown.time(package.changed)),
            ("Revision", String(package.revision)),
        ]
    }
}
