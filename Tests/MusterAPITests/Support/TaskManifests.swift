import MusterModel
import MusterStore

@testable import MusterServer

/// An application with types of tasks of each kind, for tests that need no device.
enum TaskManifests {
    static let tested = ApplicationManifest(
        id: .services, title: "Tested", settings: [],
        tasks: [
            TaskTypeDeclaration(
                "look", title: "Look", help: "Looks.",
                settings: [
                    SettingDeclaration("paths", .list(.path, maximum: 8), title: "Paths", help: ""),
                    SettingDeclaration("depth", .number(1...9), title: "Depth", help: ""),
                ]),
            TaskTypeDeclaration(
                "script", title: "Script", help: "Runs a script.", isLimitedByReach: true,
                settings: [
                    SettingDeclaration("text", .text(.script), title: "Text", help: ""),
                    SettingDeclaration("password", .secret, title: "Password", help: ""),
                ], required: ["text"]),
        ])

    static func use(_ configuration: inout APIServerConfiguration) { configuration.manifests = [tested] }
}

extension APIFixture {
    /// Devices that are in the root group.
    func managedDevices(_ names: String...) async throws -> [DeviceID] {
        var devices: [DeviceID] = []
        for name in names { devices.append(try await device(name)) }
        try await backend.groupsChanged(policies: [])
        try await backend.devicesEdited(devices)
        return devices
    }

    /// What a device says of a run by its events, from number `first` on.
    func say(_ reports: [RunReport], of device: DeviceID, from first: UInt64) async throws {
        let inputs = reports.enumerated().map { index, report in
            let event = report.event(name: "t", occurred: Self.now)
            return StoredEventInput(
                sequence: first + UInt64(index), type: event.type, severity: event.severity, text: event.text,
                parameters: event.parameters, occurred: event.occurred, occurredRaw: event.occurred)
        }
        let last = first + UInt64(reports.count) - 1
        let result = try await store.storeEvents(
            device: device, epoch: 7, expectedLast: first - 1, events: inputs, newPlace: StoredPlace(last: last, stamp: 0),
            received: Self.now)
        guard case .stored = result else { throw NotSeeded() }
    }
}
