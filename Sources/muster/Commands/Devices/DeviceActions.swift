import ArgumentParser
import FoundationEssentials
import MusterAPI
import MusterModel
import NIOCore

extension Devices {
    /// `muster devices sync`: a manual synchronization, followed as it goes.
    struct Sync: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has devices collect their state and synchronize now, and shows how each is reached.",
            discussion: """
                A device is reached over its permanent connection, else by a connection request to its UDP port, else at its next \
                synchronization. Without --wait the command ends when it is known how each is reached; with it, when all are done \
                or the time is up. Exit code 3: not all are done.
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Names, ids, or the beginnings of ids.") var devices: [String] = []
        @Flag(help: "All devices.") var all = false
        @Flag(help: "Wait until all are done.") var wait = false
        @Option(help: "With --wait: how long at most.") var timeout = DurationArgument(.minutes(10))
        @Option(help: "How long devices that are away have to accept it.") var expires = DurationArgument(.days(7))

        func validate() throws {
            guard all != !devices.isEmpty else { throw ValidationError("Name devices, or say --all.") }
        }

        func run() async throws {
            let followed = try await global.withClient { client in
                var ids: [DeviceID] = []
                for device in devices { ids.append(try await client.device(device)) }
                let body = try APIClient.body(
                    OrderAction(
                        kind: ActionKind.synchronize.code, devices: all ? nil : ids, all: all ? true : nil,
                        expiresAfterSeconds: expires.seconds))
                let order = try await client.call(
                    .init(method: .post, path: APIPath.actions, body: body), as: ActionOrderEntry.self)
                var follower = ActionFollower(client: client, order: order, isTable: global.output == .table)
                defer { client = follower.client }
                return try await follower.follow(until: wait ? .done(within: timeout.duration) : .reached)
            }
            if global.output == .json { try ItemPrinter.print(followed, global.output, members: []) }
            if wait, followed.counts[ActionProgress.done.code] != followed.total { throw ExitCode(3) }
        }
    }
}

/// `muster actions …`
struct Actions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What devices were ordered to do now.", subcommands: [List.self, Show.self, Cancel.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists what was ordered, the newest first.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption

        func run() async throws {
            try await global.withClient { client in
                try await client.printList(
                    of: ActionOrderEntry.self, at: APIPath.actions, limit: limit.limit, global.output,
                    empty: "Nothing was ordered.")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows how far each device is with an action.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "The id that was shown when it was ordered.") var action: String

        func run() async throws {
            try await global.withClient { client in
                try await client.printList(
                    of: ActionEntry.self, at: APIPath.filled(APIPath.actionDevices, action), limit: nil, global.output,
                    empty: "It has no devices.")
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancels it for the devices that have not begun.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "The id that was shown when it was ordered.") var action: String

        func run() async throws {
            let order = try await global.withClient { client in
                try await client.call(
                    .init(method: .delete, path: APIPath.filled(APIPath.action, action)), as: ActionOrderEntry.self)
            }
            let members = order.counts.sorted { $0.key < $1.key }.map { (name: $0.key, value: String($0.value)) }
            try ItemPrinter.print(order, global.output, members: [("Id", order.id.description)] + members)
        }
    }
}

extension Devices {
    /// `muster devices watch`: the device as it is, again with each change.
    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a device as it is now and with each change, until interrupted; it stays connected meanwhile.",
            discussion: """
                A device that is not ticked 'Do not disconnect' is asked to connect and kept connected as long as somebody \
                watches; 50 such devices at once. As JSON it prints one object a line.
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Name, id, or the beginning of the id.") var device: String

        func run() async throws {
            let configuration = try global.configuration()
            let id = try await APIClient.with(configuration) { client in try await client.device(device) }
            let request = APIRequest.get(APIPath.filled(APIPath.deviceWatch, id))
            var parser = EventStreamParser()
            var printer = LiveDevicePrinter(format: global.output)
            let answer = try await APIConnection.with(configuration) { connection in
                try await connection.stream(request) { chunk in
                    for event in try parser.received(chunk.readableBytesView) where event.type == "device" {
                        try printer.print(try APICoding.decode(LiveDevice.self, from: Data(event.data.utf8)))
                    }
                }
            }
            if let answer { throw APIClient.refusal(answer, server: configuration.server) }
            throw CommandError.disconnected(configuration.server, "the server ended the stream")
        }
    }
}

/// Prints what has changed of a device since it was printed last.
private struct LiveDevicePrinter {
    let format: OutputFormat
    private var said: [String: String] = [:]

    init(format: OutputFormat) { self.format = format }

    mutating func print(_ live: LiveDevice) throws {
        guard format == .table else {
            return try Console.line(String(decoding: try APICoding.encode(live), as: UTF8.self))
        }
        for (name, value) in Self.members(live) where said[name] != value {
            said[name] = value
            try Console.line("\(Shown.time(.now()))  \(name): \(TerminalText.escaped(value))")
        }
    }

    private static func members(_ live: LiveDevice) -> [(String, String)] {
        let device = live.device
        var members = [
            ("Name", device.name), ("Connected", Shown.yesNo(device.connected)), ("Address", Shown.text(device.address)),
            ("Last synchronization", Shown.time(device.lastSynchronization)),
            ("Installed applications", String(device.installedCount)),
            ("Do not disconnect", Shown.permanentConnection(device.permanentConnection)),
        ]
        for (application, values) in (live.statistics?.applications ?? [:]).sorted(by: { $0.key < $1.key }) {
            members += values.sorted { $0.key < $1.key }.map { ("\(application) \($0.key)", String($0.value)) }
        }
        return members
    }
}
