import ArgumentParser
import MusterSwarm

extension LayerListener.Layer: ExpressibleByArgument {}

/// `muster-swarm listen`: stands in for a server, to see what a connection's layers take.
struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Hold connections and do nothing else, with as many layers of the real server as asked for.",
        discussion:
            "Prints its port on 127.0.0.1 and listens until it is told to end. For measuring what each layer takes in memory.")

    @Option(help: "tcp, tls or frames: with those before it.") var layer: LayerListener.Layer
    @Option(help: "The server's certificate, a DER file.") var certificate: String
    @Option(help: "Its key, a PEM file.") var key: String

    func run() async throws {
        FileLimit.raise()
        let listener = try LayerListener(layer, certificate: certificate, key: key)
        try await Interruptible.run {
            try await listener.run { port in
                print(port)
                Terminal.flush()
            }
        }
    }
}
