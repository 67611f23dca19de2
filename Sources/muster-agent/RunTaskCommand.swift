import ArgumentParser
import MusterAgent

/// `muster-agent run-task FOLDER`: the process of one run of a task. The agent starts it; no person does.
struct RunTaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-task", abstract: "Run one task; the agent starts this by itself.", shouldDisplay: false)

    @Argument(help: "The run's folder in the state directory.")
    var folder: String

    func run() async throws { try await RunProcess(folder: folder).run() }
}
