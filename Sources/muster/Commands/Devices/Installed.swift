import ArgumentParser
import MusterAPI
import MusterModel

/// `muster installed …`
struct Installed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The installed applications.", subcommands: [List.self, Find.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the installed applications of one device, or of all.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption
        @Option(help: .ofDevice) var device: String?

        func run() async throws {
            try await global.withClient { client in
                var path = APIPath.installed
                if let device { path = APIPath.filled(APIPath.deviceInstalled, try await client.device(device)) }
                try await client.printList(
                    of: InstalledEntry.self, at: path, limit: limit.limit, global.output,
                    empty: "No installed application is known.")
            }
        }
    }

    struct Find: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Finds the devices that have an application, in any or in certain versions.",
            discussion: """
                Versions are compared as the package system does; for dpkg as in deb-version(7). Quote the query, or the shell \
                takes '<' for itself: muster installed find 'openssl < 3.0.17'. Operators: < <= = >= >
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption
        @Argument(help: "NAME or NAME OPERATOR VERSION.") var query: [String]

        func validate() throws {
            guard InstalledQuery(text: query.joined(separator: " ")) != nil else {
                throw ValidationError(
                    "'\(query.joined(separator: " "))' is not NAME or NAME OPERATOR VERSION, as 'openssl < 3.0.17'.")
            }
        }

        func run() async throws {
            guard let wanted = InstalledQuery(text: query.joined(separator: " ")) else { return }
            var parameters = [(name: "name", value: wanted.name)]
            if let comparison = wanted.comparison, let version = wanted.version {
                parameters += [("op", comparison.rawValue), ("version", version)]
            }
            try await global.withClient { client in
                try await client.printList(
                    of: InstalledEntry.self, at: APIPath.installedSearch, query: parameters, limit: limit.limit, global.output,
                    empty: "No device has it.")
            }
        }
    }
}
