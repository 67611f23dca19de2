import ArgumentParser
import MusterAPI
import MusterModel

extension Tasks {
    /// `muster tasks run`: ordered now, followed as it goes.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs a task now, and shows how each device is reached.",
            discussion: """
                On all the devices the task is for, unless others are chosen. A device is reached over its permanent connection, else by \
                a connection request to its UDP port, else at its next synchronization. Without --wait the command ends when it is known \
                how each is reached; with it, when all runs have ended or the time is up. Exit code 3: not all have ended; 4: one did \
                not succeed.
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .task) var task: String
        @OptionGroup var targets: RunTargetOptions
        @OptionGroup var following: RunFollowingOptions

        func run() async throws {
            let configuration = try global.configuration()
            let order = try await APIClient.with(configuration) { client in
                let id = try await client.id(of: task, TaskEntry.self)
                return try await client.run(id, try await targets.body(&client))
            }
            try await following.follow(order, configuration, global.output)
        }
    }

    /// `muster tasks run-once`: a task made for it, that stays in the history.
    struct RunOnce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run-once", abstract: "Makes a task for some devices and runs it now.",
            discussion: """
                As 'muster tasks create' with --device and 'muster tasks run' after it. The task stays, without a schedule, so that what \
                was done is seen later and can be done again.
                """)
        @OptionGroup var global: GlobalOptions
        @Option(help: "The application it is of: its id, as scripts.") var application: String
        @Option(help: "What it does: one of the application's types of tasks.") var type: String
        @OptionGroup var settings: TaskSettingOptions
        @Option(help: "A run that takes longer is ended, as 2h.") var stopAfter: DurationArgument?
        @Option(help: "What it is called; unless said, its type and the time.") var name: String?
        @Argument(help: .devices) var devices: [String]
        @OptionGroup var following: RunFollowingOptions

        func run() async throws {
            let configuration = try global.configuration()
            let order = try await APIClient.with(configuration) { client in
                var body = CreateTask(
                    name: name ?? "\(type) \(Timestamp.now())", application: application, type: type,
                    settings: try await client.values(settings, of: application, type))
                body.devices = try await client.devices(devices)
                body.stopAfterSeconds = stopAfter?.seconds
                let made: TaskEntry = try await client.call(
                    .init(method: .post, path: APIPath.tasks, body: try APIClient.body(body)))
                return try await client.run(made.id, RunTask())
            }
            try await following.follow(order, configuration, global.output)
        }
    }
}

/// On which devices it is run.
struct RunTargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("On this device: its name or id; may be given several times.", valueName: "device"))
    var device: [String] = []
    @Flag(help: "On all devices that are in a group.") var all = false
    @OptionGroup var choice: DeviceChoiceOptions
    @Option(help: "After this time a run that has not begun must not; as the task says unless given.")
    var expires: DurationArgument?

    func validate() throws {
        let ways = [all, !device.isEmpty, try !choice.isEmpty].count { $0 }
        guard ways <= 1 else { throw ValidationError("Name devices (--device), or choose them (--filter …), or say --all.") }
    }

    func body(_ client: inout APIClient) async throws -> RunTask {
        RunTask(
            devices: try await client.devices(device), all: all ? true : nil, filter: try choice.filter.expression()?.text,
            selection: choice.selection, expiresAfterSeconds: expires?.seconds)
    }
}

/// How long it is looked at.
struct RunFollowingOptions: ParsableArguments {
    @Flag(help: "Wait until all runs have ended.") var wait = false
    @Option(help: "With --wait: how long at most.") var timeout = DurationArgument(.hours(1))

    func follow(_ order: ActionOrderEntry, _ configuration: ClientConfiguration, _ output: OutputFormat) async throws {
        var follower = RunFollower(configuration: configuration, order: order, isTable: output == .table)
        try await follower.follow(until: wait ? .done(within: timeout.duration) : .reached)
        if output == .json { try ItemPrinter.print(follower.runs, .json, members: []) }
        guard wait else { return }
        guard follower.isOver else { throw ExitCode(3) }
        guard follower.haveAllSucceeded else { throw ExitCode(4) }
    }
}

extension APIClient {
    mutating func run(_ task: TaskID, _ body: RunTask) async throws -> ActionOrderEntry {
        try await call(
            .init(method: .post, path: APIPath.filled(APIPath.taskRun, task), body: try Self.body(body)),
            as: ActionOrderEntry.self)
    }
}
