import ArgumentParser
import MusterAPI
import MusterModel

extension Devices {
    /// `muster devices tasks`
    struct DeviceTasks: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tasks", abstract: "Lists the tasks that are for a device or that it holds, and how they stand on it.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String

        func run() async throws {
            try await global.withClient { client in
                let path = APIPath.filled(APIPath.deviceTasks, try await client.device(device))
                let entries = try await client.get(path, as: Page<DeviceTaskEntry>.self).items
                var printer = ListPrinter<DeviceTaskEntry>(global.output, empty: "No task is for this device.")
                try printer.print(entries)
                try printer.finish()
            }
        }
    }
}

extension DeviceTaskEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "TASK"), .init(title: "NAME"), .init(title: "APPLICATION"), .init(title: "TYPE"), .init(title: "SCHEDULE"),
        .init(title: "STATE"), .init(title: "LAST RESULT"), .init(title: "REMARKS"),
    ]

    var cells: [String] {
        [
            task.description, name, application, type, schedule, Shown.text(state), Shown.text(lastResult),
            Shown.text(remarks),
        ]
    }

    private var remarks: String {
        let failure = [text, code.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
        if !failure.isEmpty { return failure }
        guard let heldRevision, heldRevision != revision else { return "" }
        return "the device has revision \(heldRevision), it is at \(revision)"
    }
}
