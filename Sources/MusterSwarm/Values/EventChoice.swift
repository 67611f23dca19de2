import MusterModel

/// What happens on the devices of a fleet: mostly updates, now and then something to worry about.
struct EventChoice: Sendable {
    private let table: PackageTable

    init(_ table: PackageTable) { self.table = table }

    func event(now: Timestamp, using generator: inout SeededGenerator) -> DeviceEvent {
        let chance = generator.next() % 100
        guard chance < 90, let row = table.rows.randomElement(using: &generator) else {
            return Self.ofService(isCritical: chance == 99, now: now)
        }
        let (old, new) = (row.application, row.updated)
        let parameters: Parameters = [
            "source": .text(new.source), "name": .text(new.name), "version": .text(new.version),
            "architecture": .text(new.architecture), "previousVersion": .text(old.version),
        ]
        return DeviceEvent(
            type: EventType.applicationUpdated, severity: .info, occurred: now, parameters: parameters,
            text: "\(new.name) was updated from \(old.version) to \(new.version)")
    }

    private static func ofService(isCritical: Bool, now: Timestamp) -> DeviceEvent {
        DeviceEvent(
            type: "service-failed", severity: isCritical ? .critical : .warning, occurred: now,
            parameters: ["name": .text("nginx.service"), "code": .integer(1)], text: "nginx.service failed with code 1")
    }
}
