import ArgumentParser
import MusterAPI
import MusterModel

/// `muster tasks …`
struct Tasks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tasks: what applications on devices are to do, now or by a schedule.",
        discussion: """
            A task with a schedule is run by its devices themselves, in their own time zone, also without a connection to the server. \
            Types of tasks and their settings: 'muster applications show APPLICATION'. What became of each run: 'muster runs'.
            """,
        subcommands: [
            List.self, Show.self, Create.self, Edit.self, Delete.self, Run.self, RunOnce.self, Runs.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the tasks.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption
        @Option(help: "Only those of this application: its id.") var application: String?

        func run() async throws {
            let query = application.map { [(name: "application", value: $0)] } ?? []
            try await global.withClient { client in
                try await client.printList(
                    of: TaskEntry.self, at: APIPath.tasks, query: query, limit: limit.limit, global.output,
                    empty: query.isEmpty ? "There is no task." : "There is no such task.")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a task.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .task) var task: String

        func run() async throws {
            let entry = try await global.withClient { client in try await client.task(task) }
            try ItemPrinter.print(entry, global.output, members: entry.members)
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a task.",
            discussion: """
                Without --schedule it runs only when somebody runs it. Schedules: 'once 2026-12-01 03:00', 'every 15m', 'daily 03:00', \
                'weekly mon,thu 22:15', 'monthly 31 04:00', 'agent-start'.
                """)
        @OptionGroup var global: GlobalOptions
        @Option(help: "The application it is of: its id, as scripts.") var application: String
        @Option(help: "What it does: one of the application's types of tasks.") var type: String
        @OptionGroup var settings: TaskSettingOptions
        @OptionGroup var timing: TaskTimingOptions
        @OptionGroup var scope: TaskScopeOptions
        @Argument(help: "What it is called.") var name: String

        func validate() throws {
            guard scope.count > 0 else { throw ValidationError("Say whom it is for: --group, --selection or --device.") }
            try scope.checkOne()
        }

        func run() async throws {
            let entry = try await global.withClient { client in
                var body = CreateTask(
                    name: name, application: application, type: type,
                    settings: try await client.values(settings, of: application, type))
                body.schedule = timing.schedule
                body.runMissed = timing.runMissed ? true : nil
                body.randomDelaySeconds = timing.randomDelay?.seconds
                body.stopAfterSeconds = timing.stopAfter?.seconds
                body.expiresAfterSeconds = timing.expires?.seconds
                (body.group, body.selection) = (scope.group, scope.selection)
                body.devices = try await client.devices(scope.device)
                return try await client.call(
                    .init(method: .post, path: APIPath.tasks, body: try APIClient.body(body)), as: TaskEntry.self)
            }
            try ItemPrinter.print(entry, global.output, members: entry.members)
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes a task: what is not given stays. Runs that were ordered before go on as they were ordered.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "Another name.") var rename: String?
        @OptionGroup var settings: TaskSettingOptions
        @Option(help: ArgumentHelp("Take this value out. May be given several times.", valueName: "key"))
        var unset: [String] = []
        @OptionGroup var timing: TaskTimingOptions
        @Flag(help: "A run that was missed is not caught up on.") var noRunMissed = false
        @Flag(help: "It may take as long as it takes.") var noStopAfter = false
        @OptionGroup var scope: TaskScopeOptions
        @Option(help: "Refuse if it was changed since this revision; without it, since this command read it.")
        var revision: Int64?
        @Argument(help: .task) var task: String

        func validate() throws {
            try scope.checkOne()
            if let key = unset.first(where: settings.keys.contains) {
                throw ValidationError("Give --set \(key)=VALUE or --unset \(key), not both.")
            }
            guard !(timing.runMissed && noRunMissed), timing.stopAfter == nil || !noStopAfter else {
                throw ValidationError("Give an option or its opposite, not both.")
            }
        }

        func run() async throws {
            let entry = try await global.withClient { client in
                let found = try await client.task(task)
                let body = try await change(of: found, &client)
                var request = APIRequest(
                    method: .patch, path: APIPath.filled(APIPath.task, found.id), body: try APIClient.body(body))
                request.headers.append(("If-Match", "\"\(revision ?? found.revision)\""))
                return try await client.call(request, as: TaskEntry.self)
            }
            try ItemPrinter.print(entry, global.output, members: entry.members)
        }

        private func change(of found: TaskEntry, _ client: inout APIClient) async throws -> ChangeTask {
            var body = ChangeTask()
            body.name = rename
            var values: [String: ManagedValueEntry?] = [:]
            for (key, value) in try await client.values(settings, of: found.application, found.type) { values[key] = value }
            for key in unset { values.updateValue(nil, forKey: key) }
            body.settings = values.isEmpty ? nil : values
            body.schedule = timing.schedule
            body.runMissed = timing.runMissed ? true : noRunMissed ? false : nil
            body.randomDelaySeconds = timing.randomDelay?.seconds
            body.stopAfterSeconds = noStopAfter ? 0 : timing.stopAfter?.seconds
            body.expiresAfterSeconds = timing.expires?.seconds
            (body.group, body.selection) = (scope.group, scope.selection)
            body.devices = try await client.devices(scope.device)
            return body
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes a task. Its runs stay in the history; what was ordered and has not begun is cancelled.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .task) var task: String

        func run() async throws {
            let id = try await global.withClient { client in
                let id = try await client.id(of: task, TaskEntry.self)
                try await client.perform(.init(method: .delete, path: APIPath.filled(APIPath.task, id)))
                return id
            }
            try ItemPrinter.print(["id": id.description], global.output, members: [("Deleted", id.description)])
        }
    }

    struct Runs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the runs of a task, the newest first.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var filter: RunFilterOptions
        @Argument(help: .task) var task: String

        func run() async throws {
            try await global.withClient { client in
                let path = APIPath.filled(APIPath.taskRuns, try await client.id(of: task, TaskEntry.self))
                try await client.printList(
                    of: RunEntry.self, at: path, query: filter.query, limit: filter.limit.limit, global.output,
                    empty: "It has no such run.")
            }
        }
    }
}
