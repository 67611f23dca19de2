import ArgumentParser
import FoundationEssentials
import MusterAgent
import MusterModel

/// `muster-agent check`: walks the way to the server and says where it ends and what to do.
struct CheckCommand: AsyncParsableCommand {
    enum Output: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Walk the way to the server: say which step fails and what to do.",
        discussion: """
            The steps: state, name, proxy, tcp, tls, server-key, authorization, clock, synchronization, udp. A running agent walks them \
            itself and synchronizes at the end. Without one this command asks the server as a probe, which leaves no trace there. \
            With --connection-file, or --server and --pin, it checks these, as before enrolment, whatever the state directory holds; \
            a token is not used.

            Exit codes: 0 nothing failed, or of several addresses one is reached; else the first step that failed: 10 state, 11 name, \
            12 proxy, 13 tcp, 14 tls, 15 server-key, 16 authorization, 17 clock, 18 synchronization, 19 udp; 1 the check itself failed, 64 wrong usage.
            """)

    @OptionGroup var state: StateOptions

    @Option(help: ArgumentHelp("Check the addresses in this connection file.", valueName: "file"))
    var connectionFile: String?

    @Option(
        name: .customLong("server"), parsing: .upToNextOption,
        help: ArgumentHelp("Check these addresses.", valueName: "host[:port]"), transform: ConnectionArgument.server)
    var servers: [ServerAddress] = []

    @Option(
        name: .customLong("pin"), parsing: .upToNextOption,
        help: ArgumentHelp("With --server: server key fingerprints, SHA-256, 64 hexadecimal digits.", valueName: "sha256"),
        transform: ConnectionArgument.pin)
    var pins: [Fingerprint] = []

    @Option(
        help: ArgumentHelp("With --server: an HTTP proxy to go through.", valueName: "http://[user:password@]host:port"),
        transform: ConnectionArgument.proxy)
    var proxy: ProxyAddress?

    @Option(help: "How to print it.")
    var output = Output.text

    func validate() throws {
        if connectionFile != nil, !servers.isEmpty { throw ValidationError("One of --connection-file and --server, not both.") }
        if !servers.isEmpty, pins.isEmpty {
            throw ValidationError("--pin is missing: without it nobody can tell this server from another")
        }
        if servers.isEmpty, !pins.isEmpty || proxy != nil { throw ValidationError("--pin and --proxy belong to --server") }
    }

    func run() async throws {
        let report =
            if let subject = try subject {
                await CheckProgram.check(subject)
            } else {
                await CheckProgram.check(stateDirectory: state.path)
            }
        switch output {
        case .text: print(CheckText(report).text)
        case .json: print(try Self.json(report))
        }
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    /// Nil: what the state directory holds.
    private var subject: CheckSubject? {
        get throws {
            if let connectionFile {
                let file = try ConnectionFile.read(connectionFile)
                return CheckSubject(origin: .given, servers: file.servers, proxy: file.proxy, pins: file.pins)
            }
            return servers.isEmpty ? nil : CheckSubject(origin: .given, servers: servers, proxy: proxy, pins: pins)
        }
    }

    private static func json(_ report: CheckReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
