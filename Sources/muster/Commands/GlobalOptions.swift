import ArgumentParser
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What every command takes: which server, which token, which pin, how to print.
struct GlobalOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The server's HTTPS API (environment: MUSTER_SERVER).", valueName: "host[:port]"))
    var server: String?

    @Option(name: .long, help: ArgumentHelp("The file with the API token (environment: MUSTER_TOKEN_FILE).", valueName: "file"))
    var tokenFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The server key fingerprint, 64 hexadecimal digits; without one the system's trust decides (environment: MUSTER_PIN).",
            valueName: "sha256"))
    var pin: String?

    @Option(name: .long, help: ArgumentHelp("How to print: table or json.", valueName: "format"))
    var output: OutputFormat = .table

    /// Options, then environment, then file.
    func configuration() throws -> ClientConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let given = ClientConfiguration.Texts(server: server, tokenFile: tokenFile, pin: pin)
            .orElse(.init(environment: environment))
        let texts = try given.orElse(ConfigurationFile.load(home: environment["HOME"]))
        if let file = texts.tokenFile { ConfigurationFile.remarkOnPermissions(of: file) }
        return try ClientConfiguration(texts, read: ConfigurationFile.read)
    }

    /// One connection for what a command does.
    /// - Parameter expression: a device expression that is sent; what the server finds wrong with it is shown under it.
    func withClient<Result: Sendable>(
        expression: String? = nil, _ body: (inout APIClient) async throws -> Result
    ) async throws -> Result {
        do { return try await APIClient.with(try configuration(), body) } catch let error as CommandError {
            throw error.pointing(into: expression)
        }
    }

    private static let names = ["--server", "--token-file", "--pin", "--output"]

    /// These options may also stand before the command (`muster --server H devices list`): they are moved behind it.
    static func movedBehind(_ arguments: [String]) -> [String] {
        var leading: [String] = []
        var rest = arguments[...]
        while let first = rest.first {
            if names.contains(first), rest.count >= 2 {
                leading += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if names.contains(where: { first.hasPrefix($0 + "=") }) {
                leading.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return rest[..<end] + leading + rest[end...]
    }
}
