import ArgumentParser
import MusterAPI
import MusterModel

extension Devices {
    /// `muster devices applications`
    struct Applications: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the managed applications of a device: state, and what became of their settings.",
            discussion: """
                Below them, what each says of itself, and its statistics as the device said them last. With --watch it goes on with \
                what changes, until interrupted: the device stays connected meanwhile, as with 'devices watch', and what is said of \
                an application once is not repeated. As JSON that is one object a line, the application as it is then.
                """)
        @OptionGroup var global: GlobalOptions
        @Option(help: "Only this application: its id.") var application: String?
        @Flag(help: "Go on with each change.") var watch = false
        @Argument(help: .device) var device: String

        func run() async throws {
            if watch { return try await follow() }
            let applications = try await global.withClient { client in
                let path = APIPath.filled(APIPath.deviceApplications, try await client.device(device))
                return try await client.get(path, as: Page<DeviceApplicationEntry>.self).items
            }.filter { application == nil || $0.application == application }
            var printer = ListPrinter<DeviceApplicationEntry>(global.output, empty: Self.none(application))
            if !applications.isEmpty { try printer.print(applications) }
            try printer.finish()
            let more = applications.flatMap(\.details)
            guard global.output == .table, !more.isEmpty else { return }
            var table = Table([.init(title: "APPLICATION"), .init(title: "OF"), .init(title: "WHAT")])
            for line in [""] + table.lines(more) { try Console.line(line) }
        }

        private func follow() async throws {
            let configuration = try global.configuration()
            let id = try await APIClient.with(configuration) { client in try await client.device(device) }
            var printer = LiveApplicationsPrinter(format: global.output, application: application)
            var follower = StreamFollower(
                configuration: configuration, request: .get(APIPath.filled(APIPath.deviceWatch, id)), position: nil)
            try await follower.run { event in
                if event.type == "device" { try printer.print(event.value(of: configuration.server)) }
            }
        }

        static func none(_ application: String?) -> String {
            application.map { "The device has reported no application '\($0)'." } ?? "The device has reported no application."
        }
    }
}

/// Prints what changed of the managed applications of a device since it was printed last.
struct LiveApplicationsPrinter {
    private let format: OutputFormat
    private let application: String?
    private var changes = ApplicationChanges()
    private var connection: String?
    private var hasRemarked = false

    /// - Parameter application: nil: all of them.
    init(format: OutputFormat, application: String?) {
        self.format = format
        self.application = application
    }

    mutating func print(_ live: LiveDevice) throws {
        let wanted = live.applications.filter { application == nil || $0.application == application }
        if format == .table { try printConnection(of: live.device) }
        for change in changes.seen(wanted) {
            switch format {
            case .json: try Console.line(try change.json)
            case .table: for line in change.lines { try say(line) }
            }
        }
        guard wanted.isEmpty, !hasRemarked else { return }
        hasRemarked = true
        Console.remark(TerminalText.escaped(Devices.Applications.none(application)))
    }

    private mutating func printConnection(of device: DeviceEntry) throws {
        let text = LiveDevicePrinter.connection(of: device)
        guard text != connection else { return }
        connection = text
        try say("Connected: \(text)")
    }

    private func say(_ text: String) throws { try Console.line("\(Shown.time(.now()))  \(TerminalText.escaped(text))") }
}
