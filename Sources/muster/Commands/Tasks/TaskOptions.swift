import ArgumentParser
import MusterAPI
import MusterModel

/// `--set`, `--set-file`, `--secret`: what a task is to do.
struct TaskSettingOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A value, as packages=nginx,curl. May be given several times.", valueName: "key=value"),
        transform: SettingArgument.typedOfTask)
    var typed: [SettingArgument] = []

    @Option(
        help: ArgumentHelp(
            "A value out of a file, as text=FILE; - is standard input. May be given several times.", valueName: "key=file"),
        transform: SettingArgument.file)
    var setFile: [SettingArgument] = []

    @OptionGroup var secrets: SecretOption

    var keys: [String] { (typed + setFile + secrets.secret).map(\.key) }

    func validate() throws {
        try GivenSettings(typed: typed + setFile, secrets: secrets.secret).validate()
        guard (setFile + secrets.secret).filter({ $0.text == "-" }).count < 2 else {
            throw ValidationError("Standard input (-) holds one value only.")
        }
    }
}

/// When it runs, and how long.
struct TaskTimingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("When it runs by itself, as 'daily 03:00'; manual: only when somebody runs it.", valueName: "schedule")
    )
    var schedule: String?
    @Flag(help: "A run that was missed, as the device was off, is caught up on.") var runMissed = false
    @Option(help: "A run starts later by up to this, by another time on each device.", transform: DurationArgument.typed)
    var randomDelay: DurationArgument?
    @Option(help: "A run that takes longer is ended, as 2h.", transform: DurationArgument.typed) var stopAfter: DurationArgument?
    @Option(help: "How long a run that was ordered waits for a device that is away.", transform: DurationArgument.typed)
    var expires: DurationArgument?
}

/// Whom it is for.
struct TaskScopeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("For the devices of this group and those below it: its path, as /Warsaw, or id.", valueName: "group"))
    var group: String?
    @Option(help: ArgumentHelp("For the devices that this selection gives: its name or id.", valueName: "name"))
    var selection: String?
    @Option(help: ArgumentHelp("For this device: its name or id; may be given several times.", valueName: "device"))
    var device: [String] = []

    func checkOne() throws {
        guard count <= 1 else {
            throw ValidationError("A task is for only one of these: --group, --selection, or devices by --device.")
        }
    }

    var count: Int { [group != nil, selection != nil, !device.isEmpty].count { $0 } }
}

/// Which runs a list shows.
struct RunFilterOptions: ParsableArguments {
    @OptionGroup var limit: LimitOption
    @Option(help: "Only those that are: \(RunState.allCases.map(\.code).joined(separator: ", ")).") var state: RunStateArgument?

    var query: [(name: String, value: String)] { state.map { [("state", $0.state.code)] } ?? [] }
}

struct RunStateArgument: ExpressibleByArgument, Sendable {
    let state: RunState

    init?(argument: String) {
        guard let state = RunState(code: argument) else { return nil }
        self.state = state
    }

    static var allValueStrings: [String] { RunState.allCases.map(\.code) }
}

extension APIClient {
    mutating func task(_ text: String) async throws -> TaskEntry {
        if let id = TaskID(text) { return try await get(APIPath.filled(APIPath.task, id)) }
        return try await find(text, TaskEntry.self)
    }

    /// Nil without any.
    mutating func devices(_ texts: [String]) async throws -> [DeviceID]? {
        guard !texts.isEmpty else { return nil }
        var ids: [DeviceID] = []
        for text in texts { ids.append(try await device(text)) }
        return ids
    }

    /// What is to be sent; files are read here.
    mutating func values(
        _ options: TaskSettingOptions, of application: String, _ type: String
    ) async throws -> [String: ManagedValueEntry] {
        let given = GivenSettings(typed: options.typed, secrets: options.secrets.secret, place: .tasks)
        guard !given.isEmpty || !options.setFile.isEmpty else { return [:] }
        let declared = try await applications().first { $0.id == application }?.tasks.first { $0.type == type }
        func isSecret(_ key: String) -> Bool? { declared?.settings.first { $0.key == key }.map { $0.type == "secret" } }
        var values = try given.values(isSecret).mapValues { ManagedValueEntry.text($0) }
        for argument in options.setFile {
            guard isSecret(argument.key) != true else {
                throw CommandError.impossible(
                    "'\(TerminalText.escaped(argument.key))' is a secret. Nothing was sent.",
                    advice: "Give its file with --secret \(TerminalText.escaped(argument.key))=FILE.")
            }
            values[argument.key] = .text(try ValueFile.read(argument.text))
        }
        return values
    }
}
