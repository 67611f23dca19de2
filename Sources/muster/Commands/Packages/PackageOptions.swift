import ArgumentParser
import MusterAPI
import MusterModel

/// The properties of an installation package, tab *Settings*, as options.
struct PackageOptions: ParsableArguments {
    @Option(
        name: .customLong("server-address"),
        help: ArgumentHelp(
            "Where devices reach the server, in the order they try; may be given several times. Names are better than addresses.",
            valueName: "host[:port]"))
    var servers: [String] = []

    @Option(help: ArgumentHelp("The server's UDP port, for shutdown notices (13000).", valueName: "port"))
    var udpPort: Int64?

    @Option(
        help: ArgumentHelp(
            "An HTTP proxy for the devices: http://[user[:password]@]host[:port]; - takes it away.", valueName: "url"))
    var proxy: String?

    @Option(help: ArgumentHelp("How often these devices synchronize, as 15m; - takes what holds for all.", valueName: "duration"))
    var interval: UnsettableDuration?

    @Option(help: "Whether devices listen for connection requests (UDP 15000): on or off; - takes what holds for all.")
    var connectionRequests: UnsettableSwitch?

    @Option(help: ArgumentHelp("Their UDP port; - takes what holds for all.", valueName: "port"))
    var requestPort: UnsettableNumber?

    @Option(help: "Whether devices let that port through their own firewall: on or off; - takes what holds for all.")
    var firewall: UnsettableSwitch?

    @Option(help: "Tick 'Do not disconnect from the Administration Server' for each device, as far as the limit lets: on or off.")
    var permanentConnection: UnsettableSwitch?

    @Option(
        help: ArgumentHelp("How long a download can be used to enrol (14d).", valueName: "duration"),
        transform: DurationArgument.typed)
    var tokenLife: DurationArgument?

    @Option(help: ArgumentHelp("How many devices a download can enrol (100).", valueName: "number"))
    var tokenUses: Int64?

    @Option(help: ArgumentHelp("The group devices come to: path or id; - lets rules say.", valueName: "path"))
    var group: String?

    @Option(
        help: ArgumentHelp("A tag devices get; may be given several times, and are all there are; - for none.", valueName: "tag"))
    var tag: [String] = []

    @Option(help: "Whether devices wait in Unassigned until 'muster devices approve': on or off.")
    var approval: UnsettableSwitch?

    func validate() throws {
        if case .unset = approval?.change { throw ValidationError("--approval: on or off") }
        if case .unset = permanentConnection?.change { throw ValidationError("--permanent-connection: on or off") }
    }

    func change(name: String?) -> PackageChange {
        var permanent: Bool?
        if case .set(let isOn) = permanentConnection?.change { permanent = isOn }
        var waits: Bool?
        if case .set(let isOn) = approval?.change { waits = isOn }
        return PackageChange(
            name: name, servers: servers.isEmpty ? nil : servers, udpPort: udpPort,
            proxy: proxy.map { $0 == "-" ? .unset : .set($0) } ?? .keep, syncIntervalSeconds: interval?.change ?? .keep,
            connectionRequests: connectionRequests?.change ?? .keep, requestPort: requestPort?.change ?? .keep,
            firewall: firewall?.change ?? .keep, permanentConnection: permanent, tokenLifeSeconds: tokenLife?.seconds,
            tokenUses: tokenUses, group: group.map { $0 == "-" ? .unset : .set($0) } ?? .keep,
            tags: tag.isEmpty ? nil : tag == ["-"] ? [] : tag, approval: waits)
    }
}

/// `15m`, or `-` for none.
struct UnsettableDuration: ExpressibleByArgument, Sendable {
    let change: Change<Int64>

    init?(argument: String) {
        guard argument != "-" else {
            change = .unset
            return
        }
        guard let duration = Duration(text: argument) else { return nil }
        change = .set(duration.components.seconds)
    }
}

/// `15000`, or `-` for none.
struct UnsettableNumber: ExpressibleByArgument, Sendable {
    let change: Change<Int64>

    init?(argument: String) {
        guard argument != "-" else {
            change = .unset
            return
        }
        guard let number = Int64(argument) else { return nil }
        change = .set(number)
    }
}

/// `on`, `off`, or `-` for neither.
struct UnsettableSwitch: ExpressibleByArgument, Sendable {
    let change: Change<Bool>

    init?(argument: String) {
        switch argument {
        case "on": change = .set(true)
        case "off": change = .set(false)
        case "-": change = .unset
        default: return nil
        }
    }

    static var allValueStrings: [String] { ["on", "off", "-"] }
}
