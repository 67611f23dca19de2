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
                or the time is up; exit code 3: not all are done. 'muster actions show' goes on from there, with the id that is shown \
                first.
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .devices) var devices: [String] = []
        @Flag(help: "All devices.") var all = false
        @OptionGroup var choice: DeviceChoiceOptions
        @Flag(help: "Wait until all are done.") var wait = false
        @Option(help: "With --wait: how long at most; 10m unless given.", transform: DurationArgument.typed) var timeout =
            DurationArgument(
                .minutes(10))
        @Option(help: "How long devices that are away have to accept it; 7d unless given.", transform: DurationArgument.typed)
        var expires =
            DurationArgument(.days(7))

        func validate() throws {
            let ways = [all, !devices.isEmpty, try !choice.isEmpty]
            guard ways.count(where: { $0 }) == 1 else {
                throw ValidationError("Name devices, or choose them (--filter, --selection, --group …), or say --all.")
            }
        }

        func run() async throws {
            let configuration = try global.configuration()
            let order = try await APIClient.with(configuration) { client in
                var ids: [DeviceID] = []
                for device in devices { ids.append(try await client.device(device)) }
                let body = try APIClient.body(
                    OrderAction(
                        kind: ActionKind.synchronize.code, devices: ids.isEmpty ? nil : ids, all: all ? true : nil,
                        filter: try choice.filter.expression()?.text, selection: choice.selection,
                        expiresAfterSeconds: expires.seconds))
                return try await client.call(
                    .init(method: .post, path: APIPath.actions, body: body), as: ActionOrderEntry.self)
            }
            var follower = ActionFollower(configuration: configuration, order: order, isTable: global.output == .table)
            try await follower.follow(until: wait ? .done(within: timeout.duration) : .reached)
            if global.output == .json { try ItemPrinter.print(follower.outcome, .json, members: []) }
            if wait, !follower.isDone { throw ExitCode(3) }
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
        @Argument(help: .action) var action: String

        func run() async throws {
            try await global.withClient { client in
                let path = APIPath.filled(APIPath.actionDevices, try await client.id(of: action, ActionOrderEntry.self))
                try await client.printList(of: ActionEntry.self, at: path, limit: nil, global.output, empty: "It has no devices.")
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancels it for the devices that have not begun.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .action) var action: String

        func run() async throws {
            let order = try await global.withClient { client in
                let path = APIPath.filled(APIPath.action, try await client.id(of: action, ActionOrderEntry.self))
                return try await client.call(.init(method: .delete, path: path), as: ActionOrderEntry.self)
            }
            let members = order.counts.sorted { $0.key < $1.key }.map { (name: $0.key, value: String($0.value)) }
            try ItemPrinter.print(order, global.output, members: [("Id", order.id.description)] + members)
        }
    }
}
