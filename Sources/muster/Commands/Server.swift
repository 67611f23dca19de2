import ArgumentParser
import MusterAPI
import MusterModel

/// `muster server …`
struct Server: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The server itself.", subcommands: [Status.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what the server holds and does, and why connections ended.")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let status = try await global.withClient { client in
                try await client.get(APIPath.serverStatus, as: ServerStatus.self)
            }
            try ItemPrinter.print(status, global.output, members: Self.members(status))
        }

        private static let nothingOnUDP =
            "nothing has ever come in: shutdowns will show as overdue (an open UDP port is recommended, not required)"

        static func members(_ status: ServerStatus) -> [(name: String, value: String)] {
            let database = status.database
            let size = Shown.size(UInt64(clamping: database.sizeBytes))
            var members: [(name: String, value: String)] = [
                ("Version", status.version), ("Started", Shown.time(status.started)),
                ("Running for", Duration.seconds(status.uptimeSeconds).text),
                ("Database", "\(database.kind), schema \(database.schemaVersion), \(size)"),
                ("Devices", String(status.devices)), ("Installed applications", String(status.installedItems)),
                ("Events", String(status.events)), ("Connections now", String(status.connections)),
                ("Sessions since the start", String(status.sessions)),
                ("Enrolments since the start", String(status.enrolments)),
                ("Events stored since the start", String(status.eventsStored)),
                ("UDP", status.udpReceived ? "datagrams have come in" : Self.nothingOnUDP),
                ("Permanent connections", Shown.permanentConnections(status.permanentConnections)),
                ("UDP receive buffer", Shown.size(status.udpReceiveBufferBytes.map { UInt64(clamping: $0) })),
            ]
            let states = ConnectionState.allCases.compactMap { state in
                status.connectionStates[state.code].map { ("Devices \(state.words)", String($0)) }
            }
            members.insert(contentsOf: states, at: members.firstIndex { $0.name == "Devices" }.map { $0 + 1 } ?? 0)
            if status.devicesAhead > 0 {
                members.append(("Database put back", "\(status.devicesAhead) devices were served by a later state of it"))
            }
            members += status.pins.map { ("Server key fingerprint", $0.description) }
            let closes = status.closes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            members += closes.map { ("Closed: \($0.key)", String($0.value)) }
            return members
        }
    }
}
