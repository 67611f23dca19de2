import ArgumentParser
import MusterAPI
import MusterModel

extension Devices {
    /// `muster devices watch`: the device as it is, again with each change.
    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a device as it is now and with each change, until interrupted; it stays connected meanwhile.",
            discussion: """
                A device that is not ticked 'Do not disconnect' is asked to connect and kept connected as long as somebody \
                watches; 50 such devices at once. It goes on through lost connections to the server. As JSON it prints one object a line.
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String

        func run() async throws {
            let configuration = try global.configuration()
            let id = try await APIClient.with(configuration) { client in try await client.device(device) }
            var printer = LiveDevicePrinter(format: global.output)
            var follower = StreamFollower(
                configuration: configuration, request: .get(APIPath.filled(APIPath.deviceWatch, id)), position: nil)
            try await follower.run { event in
                if event.type == "device" { try printer.print(event.value(of: configuration.server)) }
            }
        }
    }
}

/// Prints what has changed of a device since it was printed last.
struct LiveDevicePrinter {
    let format: OutputFormat
    private var said: [String: String] = [:]
    private var last: LiveDevice?

    init(format: OutputFormat) { self.format = format }

    mutating func print(_ live: LiveDevice) throws {
        // A new connection to the server begins with what it said last.
        guard live != last else { return }
        last = live
        guard format == .table else {
            return try Console.line(String(decoding: try APICoding.encode(live), as: UTF8.self))
        }
        for (name, value) in Self.members(live) where said[name] != value {
            said[name] = value
            try Console.line("\(Shown.time(.now()))  \(name): \(TerminalText.escaped(value))")
        }
    }

    static func members(_ live: LiveDevice) -> [(String, String)] {
        let device = live.device
        var members = [
            ("Name", device.name), ("Connected", connection(of: device)), ("Address", Shown.text(device.address)),
            ("Last synchronization", Shown.time(device.lastSynchronization)),
            ("Installed applications", String(device.installedCount)),
            ("Do not disconnect", Shown.permanentConnection(device.permanentConnection)),
        ]
        for (application, values) in (live.statistics?.applications ?? [:]).sorted(by: { $0.key < $1.key }) {
            members += values.sorted { $0.key < $1.key }.map { ("\(application) \($0.key)", String($0.value)) }
        }
        return members
    }

    /// `no: agent stopped since 2026-…; last connection 2026-…; waiting until it connects, expected 2026-…`
    static func connection(of device: DeviceEntry) -> String {
        guard !device.connected else { return "yes" }
        let state = device.connectionState
        var parts = ["no: \(state.words) since \(Shown.time(state.since))"]
        if let time = device.lastConnection { parts.append("last connection \(Shown.time(time))") }
        // One that is due says when; the others come when they can.
        let isDue = [.connected, .onSchedule].contains(ConnectionState(code: state.code))
        let expected = isDue ? device.nextSynchronization.map { ", at \(Shown.time($0)) at the latest" } ?? "" : ""
        return (parts + ["waiting until it connects\(expected)"]).joined(separator: "; ")
    }
}
