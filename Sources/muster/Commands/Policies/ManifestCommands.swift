import ArgumentParser
import MusterAPI
import MusterModel

extension Applications {
    /// `muster applications accept`
    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accepts the manifest of an application that is not built in: from now on it can be set.",
            discussion:
                "Read it first: 'muster applications show ID'. A manifest is its digest: when a device brings another text under the "
                + "same version, that waits anew.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var choice: ManifestChoice

        func run() async throws { try await choice.decide(accepted: true, global) }
    }

    /// `muster applications reject`
    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Rejects the manifest of an application that is not built in, also one that was accepted: devices that have it get no settings.",
            discussion:
                "What devices have of them in force stays as it is; policies of the application stay and come back when it is accepted."
        )
        @OptionGroup var global: GlobalOptions
        @OptionGroup var choice: ManifestChoice

        func run() async throws { try await choice.decide(accepted: false, global) }
    }
}

/// Which manifest is decided on.
struct ManifestChoice: ParsableArguments {
    @Argument(help: "The application: its id, or ID/VERSION.") var application: String

    @Option(help: ArgumentHelp("The beginning of the manifest's digest, where several have the version.", valueName: "hex"))
    var digest: String?

    func decide(accepted: Bool, _ global: GlobalOptions) async throws {
        let decided = try await global.withClient { client in
            let all = try await client.applications()
            let manifest = try ManifestReference(application, digest: digest).manifest(in: all, accepted: accepted)
            return try await client.decide(manifest.digest, accepted: accepted)
        }
        guard global.output == .table else { return try ItemPrinter.print(decided, global.output, members: []) }
        for line in ApplicationSheet.lines(decided).prefix(2) { try Console.line(line) }
    }
}

/// `ID` or `ID/VERSION` as somebody typed it, and what it means among the applications there are.
struct ManifestReference {
    private let application: String
    private let version: String?
    private let digest: String?

    init(_ text: String, digest: String? = nil) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        application = parts[0]
        version = parts.count > 1 ? parts[1] : nil
        self.digest = digest?.lowercased()
    }

    func application(in all: [ApplicationEntry]) throws -> ApplicationEntry {
        guard let entry = all.first(where: { $0.id == application }) else {
            throw CommandError.notThere(
                "There is no application '\(TerminalText.escaped(application))'.",
                advice: "There is: \(TerminalText.escaped(all.map(\.id).joined(separator: ", "))).")
        }
        return entry
    }

    /// - Throws: where there is none.
    func manifests(in all: [ApplicationEntry]) throws -> [ManifestEntry] {
        let entry = try application(in: all)
        let known = entry.manifests ?? []
        let meant = known.filter { manifest in
            (version.map { manifest.version == $0 } ?? true) && (digest.map { manifest.digest.hasPrefix($0) } ?? true)
        }
        guard meant.isEmpty else { return meant }
        guard !known.isEmpty else { throw CommandError.notThere("'\(entry.id)' is built in: it has no manifest to accept.") }
        throw CommandError.notThere(
            "There is no such manifest of '\(entry.id)'.", advice: "There is: \(TerminalText.escaped(Self.list(known))).")
    }

    /// The one that is to be decided on: those that are decided so already are not meant where there are others.
    func manifest(in all: [ApplicationEntry], accepted: Bool) throws -> ManifestEntry {
        let meant = try manifests(in: all)
        let open = meant.filter { $0.standing != (accepted ? "accepted" : "rejected") }
        let candidates = open.isEmpty ? meant : open
        guard candidates.count == 1, let one = candidates.first else {
            throw CommandError.notThere(
                "Several manifests are meant.",
                advice: "Name one, as ID/VERSION or with --digest: \(TerminalText.escaped(Self.list(candidates))).")
        }
        return one
    }

    private static func list(_ manifests: [ManifestEntry]) -> String {
        manifests.map { "\($0.version) (\($0.digest), \(ManifestWords.text($0.standing)))" }.joined(separator: ", ")
    }
}
