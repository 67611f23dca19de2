import ArgumentParser
import MusterSwarm

struct RoundsOptions: ParsableArguments {
    @OptionGroup var connection: ConnectionOptions
    @Option(name: .customLong("state-dir"), help: "Where muster-swarm run keeps the devices.") var stateDirectory: String
    @Option(help: "How many in all.") var count: Int
    @Option(help: "How many at a time.") var concurrency = 16

    func validate() throws {
        guard (1...100_000_000).contains(count), (1...100_000).contains(concurrency) else {
            throw ValidationError("--count: 1 to 100000000; --concurrency: 1 to 100000")
        }
    }

    func run(_ kind: RoundsRun.Kind) async throws {
        FileLimit.raise()
        let rounds = RoundsRun(
            connector: try connection.connector(devices: concurrency), kind: kind, count: count, concurrency: concurrency,
            stateDirectory: stateDirectory)
        let report = RoundsReport(try await rounds.run())
        try Terminal.finish(
            connection.output == .json ? ReportText.json(report) : report.table, valid: report.valid, problems: report.problems)
    }
}

/// `muster-swarm synchronizations`: no-change ones of kept devices, as fast as the concurrency lets them.
struct SynchronizationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synchronizations", abstract: "So many synchronizations of kept devices, one after the other.")

    @OptionGroup var options: RoundsOptions

    func run() async throws { try await options.run(.synchronizations) }
}

/// `muster-swarm handshakes`: TLS alone, with the same devices' certificates, against any TLS 1.3 server that says something and closes.
struct HandshakesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "handshakes", abstract: "So many bare handshakes with kept devices' certificates, read to the end.")

    @OptionGroup var options: RoundsOptions
    @Flag(name: .customLong("hang-up"), help: "Close first: for a server that waits for a word, as muster-server does.")
    var hangsUp = false

    func run() async throws { try await options.run(hangsUp ? .hangUps : .handshakes) }
}
