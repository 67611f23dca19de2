import ArgumentParser
import MusterAgent
import MusterModel
import MusterSwarm
import NIOSSL

/// What every command takes: whom to connect to and how.
struct ConnectionOptions: ParsableArguments {
    enum Curves: String, ExpressibleByArgument, CaseIterable {
        case standard = "default"
        case x25519 = "X25519"
        case hybrid

        var list: [NIOTLSCurve]? {
            switch self {
            case .standard: nil
            case .x25519: [.x25519]
            case .hybrid: [.x25519_MLKEM768]
            }
        }
    }

    @Option(help: ArgumentHelp("The server's address for agents.", valueName: "host:port"), transform: ConnectionArgument.server)
    var server: ServerAddress

    @Option(
        name: .customLong("pin"), parsing: .upToNextOption,
        help: ArgumentHelp("Server key fingerprints: SHA-256, 64 hexadecimal digits.", valueName: "sha256"),
        transform: ConnectionArgument.pin)
    var pins: [Fingerprint]

    @Option(help: "Key exchange: default (hybrid first), X25519 or hybrid.")
    var curves = Curves.standard

    @Option(
        name: .customLong("source-addresses"),
        help: "Connect from so many of 127.0.0.2, 127.0.0.3 …: one has some 28,000 ports. Only to a server on 127.0.0.0/8.")
    var sourceAddresses: Int?

    @Option(help: "table or json.") var output = OutputFormat.table

    func validate() throws {
        guard !pins.isEmpty else { throw ValidationError("--pin is missing: SHA-256 of the server's key") }
        guard (0...250 * 250).contains(sourceAddresses ?? 0) else { throw ValidationError("--source-addresses: 0 to 62500") }
    }

    /// - Parameter devices: more than 20,000 have source addresses without being asked.
    func connector(devices: Int) throws -> DeviceConnector {
        let usual = devices > 20_000 ? (devices + 19_999) / 20_000 : 0
        return try DeviceConnector(
            server: server, pins: pins, curves: curves.list, sourceAddresses: sourceAddresses ?? usual)
    }
}
