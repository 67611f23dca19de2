import ArgumentParser
import MusterAPI
import MusterModel

/// `muster devices …`
struct Devices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The client devices.",
        subcommands: [
            List.self, Show.self, Connections.self, Settings.self, Set.self, Unset.self, Applications.self, DeviceTasks.self,
            Rename.self,
            PermanentConnection.self, Sync.self, Watch.self, Move.self, Approve.self, Tag.self, RequestConnection.self,
            Copies.self, Split.self, Same.self, Revoke.self, Delete.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the devices in order of their names.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption
        @OptionGroup var choice: DeviceChoiceOptions

        func run() async throws {
            let query = try choice.query
            let empty =
                query.isEmpty
                ? "No device is enrolled yet." : choice.onlyState.map { "No device is \($0.words)." } ?? "No device fits."
            try await global.withClient { client in
                try await client.printList(
                    of: DeviceEntry.self, at: APIPath.devices, query: query, limit: limit.limit, global.output, empty: empty)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows what is known of one device.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String

        func run() async throws {
            let entry = try await global.withClient { client in
                let id = try await client.device(device)
                return try await client.get(APIPath.filled(APIPath.device, id), as: DeviceEntry.self)
            }
            try ItemPrinter.print(entry, global.output, members: Self.members(entry))
        }

        static func members(_ device: DeviceEntry) -> [(name: String, value: String)] {
            let state = device.connectionState
            var members = [
                ("Id", device.id.description), ("Name", device.name),
                ("Operating system", Shown.text(device.operatingSystem)), ("Agent", Shown.text(device.agentVersion)),
                ("Installed applications", String(device.installedCount)), ("Address", DatagramTexts.address(device)),
                ("Group", device.placeWords), ("Tags", Shown.text(device.tagWords)),
                ("Connection", state.words), ("Since", Shown.time(state.since)),
                ("Do not disconnect", Shown.permanentConnection(device.permanentConnection)),
                ("Last connection", Shown.time(device.lastConnection)),
                ("Last synchronization", Shown.time(device.lastSynchronization)),
                ("Next synchronization", Shown.time(device.nextSynchronization)),
                ("UDP port", DatagramTexts.port(device)),
                ("Connection request last got through", Shown.time(device.requestGotThrough)),
                ("Enrolled", Shown.time(device.created)),
                ("Certificate", Shown.text(device.certificate?.fingerprint.description)),
                ("Certificate valid from", Shown.time(device.certificate?.notBefore)),
                ("Certificate valid until", Shown.time(device.certificate?.notAfter)), ("Revision", String(device.revision)),
                ("Last refusal", Shown.text(device.lastRefusal?.words)),
            ]
            members.insert(contentsOf: device.statusLines.map { ("Status", $0) }, at: 4)
            if let lost = state.permanentConnectionLostSince {
                members.append(("Permanent connection lost since", Shown.time(lost)))
            }
            return members
        }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Gives a device another name.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String
        @Argument(help: "The new name.") var name: String

        func run() async throws {
            let entry = try await global.withClient { client in
                let path = APIPath.filled(APIPath.device, try await client.device(device))
                let body = try APIClient.body(ChangeDevice(name: name))
                return try await client.call(.init(method: .patch, path: path, body: body), as: DeviceEntry.self)
            }
            try ItemPrinter.print(entry, global.output, members: [("Id", entry.id.description), ("Name", entry.name)])
        }
    }

    struct PermanentConnection: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ticks or unticks 'Do not disconnect from the Administration Server'.",
            discussion: """
                In force after the next complete synchronization of the device, which the command waits for some seconds where the device \
                can be reached; the number of devices is limited.
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String
        @Argument(help: "on or off.") var state: Switch

        enum Switch: String, ExpressibleByArgument, CaseIterable, Sendable { case on, off }

        func run() async throws {
            let configuration = try global.configuration()
            let changed = try await APIClient.with(configuration) { client in
                let path = APIPath.filled(APIPath.device, try await client.device(device))
                let body = try APIClient.body(ChangeDevice(permanentConnection: state == .on))
                return try await client.call(.init(method: .patch, path: path, body: body), as: DeviceEntry.self)
            }
            let entry = try await followed(changed, configuration)
            let members = [
                ("Id", entry.id.description), ("Name", entry.name),
                ("Do not disconnect", Shown.permanentConnection(entry.permanentConnection)),
            ]
            try ItemPrinter.print(entry, global.output, members: members)
        }

        /// As it is once it is in force, where that may be soon.
        private func followed(_ changed: DeviceEntry, _ configuration: ClientConfiguration) async throws -> DeviceEntry {
            guard changed.awaitsPermanentConnection, changed.isReachable else { return changed }
            var entry = changed
            var looks = RepeatedLook(configuration, within: ActionFollower.reachTime)
            _ = try await looks.until { client in
                entry = try await client.get(APIPath.filled(APIPath.device, changed.id))
                return !entry.awaitsPermanentConnection
            }
            return entry
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuses a device from now on: its certificate is worth nothing.",
            discussion: """
                Its connection is cut, its place for a permanent connection is free, and it stays in the list with what is known of it. To \
                serve the machine again, enrol it again (muster-agent enrol --replace): it becomes a new device.
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String

        func run() async throws { try await global.decide(device, APIPath.deviceRevoke, said: "Revoked") }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes a device: its certificate is worth nothing from now on.",
            discussion: "To bring the device back, enrol it again.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String

        func run() async throws { try await global.decide(device, method: .delete, APIPath.device, said: "Deleted") }
    }
}

extension DeviceEntry {
    fileprivate var awaitsPermanentConnection: Bool { [.waiting, .lost].contains(permanentConnection.state) }

    /// It is connected, or a connection request may bring it.
    fileprivate var isReachable: Bool {
        guard !connected else { return true }
        switch ConnectionState(code: connectionState.code) {
        case .shutDown, .suspended, .agentStopped, .refused, .neverConnected: return false
        case .connected, .onSchedule, .rebooting, .overdue, nil: return (udpPort ?? 0) > 0
        }
    }
}
