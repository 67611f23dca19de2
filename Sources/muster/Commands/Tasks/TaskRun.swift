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
                let body = try await targets.body(&client)
                return try await client.run(id, body, typed: targets.device)
            }
            try await following.follow(order, configuration, global.output)
        }
    }

    /// `muster tasks run-once`: a task made for it, that is not needed once its runs were seen to end.
    struct RunOnce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run-once", abstract: "Runs something once on some devices: makes a task for it.",
            discussion: """
                As 'muster tasks create' with --device and 'muster tasks run' after it. With --wait the task is deleted once all its runs \
                have ended; they stay in 'muster runs list'. Otherwise it stays, without a schedule, and can be run again. When the order \
                is refused, nothing stays.
                """)
        @OptionGroup var global: GlobalOptions
        @Option(help: "The application it is of: its id, as scripts.") var application: String
        @Option(help: "What it does: one of the application's types of tasks.") var type: String
        @OptionGroup var settings: TaskSettingOptions
        @Option(help: "A run that takes longer is ended, as 2h.", transform: DurationArgument.typed)
        var stopAfter: DurationArgument?
        @Option(help: "What it is called; unless said, its type and the time.") var name: String?
        @Argument(help: .devices) var devices: [String]
        @OptionGroup var following: RunFollowingOptions

        func run() async throws {
            let configuration = try global.configuration()
            let (made, order) = try await APIClient.with(configuration) { client in
                var body = CreateTask(
                    name: name ?? "\(type) \(Timestamp.now())", application: application, type: type,
                    settings: try await client.values(settings, of: application, type))
                body.devices = try await client.devices(devices)
                body.stopAfterSeconds = stopAfter?.seconds
                let made: TaskEntry = try await client.call(
                    .init(method: .post, path: APIPath.tasks, body: try APIClient.body(body)))
                return (made, try await client.runOrDelete(made, RunTask(devices: body.devices), typed: devices))
            }
            let follower = try await following.followed(order, configuration, global.output)
            let isDeleted = following.wait && follower.isOver ? await delete(made, configuration) : false
            if !isDeleted, global.output == .table {
                try Console.line("The task stays. To delete it: muster tasks delete \(made.id)")
            }
            try following.conclude(follower)
        }

        /// - Returns: false, when it cannot be, or somebody changed it meanwhile, who may want it.
        private func delete(_ task: TaskEntry, _ configuration: ClientConfiguration) async -> Bool {
            do {
                try await APIClient.with(configuration) { client in try await client.delete(task) }
                return true
            } catch {
                return false
            }
        }
    }
}

/// On which devices it is run.
struct RunTargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("On this device: its name or id; may be given several times.", valueName: "device"))
    var device: [String] = []
    @Flag(help: "On all devices that are in a group.") var all = false
    @OptionGroup var choice: DeviceChoiceOptions
    @Option(
        help: "After this time a run that has not begun must not; as the task says unless given.",
        transform: DurationArgument.typed)
    var expires: DurationArgument?

    func validate() throws {
        let ways = [all, !device.isEmpty, try !choice.isEmpty].count { $0 }
        guard ways <= 1 else {
            throw ValidationError("Give only one of these: devices by --device, --all, or --filter and the like.")
        }
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
    @Option(help: "With --wait: how long at most; 1h unless given.", transform: DurationArgument.typed) var timeout =
        DurationArgument(.hours(1))

    func follow(_ order: ActionOrderEntry, _ configuration: ClientConfiguration, _ output: OutputFormat) async throws {
        try conclude(try await followed(order, configuration, output))
    }

    func followed(
        _ order: ActionOrderEntry, _ configuration: ClientConfiguration, _ output: OutputFormat
    ) async throws -> RunFollower {
        var follower = RunFollower(configuration: configuration, order: order, isTable: output == .table)
        try await follower.follow(until: wait ? .done(within: timeout.duration) : .reached)
        if output == .json { try ItemPrinter.print(follower.runs, .json, members: []) }
        return follower
    }

    /// - Throws: the exit code that says what became of the runs.
    func conclude(_ follower: RunFollower) throws {
        guard wait else { return }
        guard follower.isOver else { throw ExitCode(3) }
        guard follower.haveAllSucceeded else { throw ExitCode(4) }
    }
}

extension APIClient {
    /// - Parameter typed: the devices of the body, as they were typed.
    mutating func run(_ task: TaskID, _ body: RunTask, typed: [String] = []) async throws -> ActionOrderEntry {
        do {
            return try await call(
                .init(method: .post, path: APIPath.filled(APIPath.taskRun, task), body: try Self.body(body)),
                as: ActionOrderEntry.self)
        } catch let error as CommandError where error.code == .refused {
            throw error.naming(Array(zip(body.devices ?? [], typed)))
        }
    }

    /// A task that was made for this order alone. When the server refuses the order it is deleted; when the answer is lost it may have been
    /// ordered, and stays.
    mutating func runOrDelete(_ task: TaskEntry, _ body: RunTask, typed: [String]) async throws -> ActionOrderEntry {
        do { return try await run(task.id, body, typed: typed) } catch let error as CommandError where error.code == .refused {
            do { try await delete(task) } catch {
                Console.remark("The task stays. To delete it: muster tasks delete \(task.id)")
            }
            throw error
        }
    }

    /// As it was seen: not when somebody changed it since.
    mutating func delete(_ task: TaskEntry) async throws {
        var request = APIRequest(method: .delete, path: APIPath.filled(APIPath.task, task.id))
        request.headers.append(("If-Match", "\"\(task.revision)\""))
        try await perform(request)
    }
}
