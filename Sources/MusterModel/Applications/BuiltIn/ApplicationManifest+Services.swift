extension ApplicationManifest {
    /// Settings of the connector for systemd units.
    package static let services = ApplicationManifest(
        id: .services, title: "Services",
        settings: [
            SettingDeclaration(
                ServicesKey.watched, .list(.unit, maximum: 64), standard: .list([]), title: "Watched units",
                help:
                    "systemd units whose state, restarts and memory are reported, with an event when one fails and when it recovers."
            ),
            SettingDeclaration(
                ServicesKey.period, .duration(.seconds(5)...(.minutes(10))), standard: .duration(.seconds(15)),
                title: "Look every",
                help: "How often their state is looked at."),
        ],
        tasks: [
            task(ServicesTaskKey.start, title: "Start units", help: "Starts systemd units and waits until they are there."),
            task(ServicesTaskKey.stop, title: "Stop units", help: "Stops systemd units and waits until they have ended."),
            task(
                ServicesTaskKey.restart, title: "Restart units",
                help: "Stops systemd units that run and starts all of them anew."),
        ])

    private static func task(_ type: String, title: String, help: String) -> TaskTypeDeclaration {
        TaskTypeDeclaration(
            type, title: title, help: help,
            settings: [
                SettingDeclaration(
                    ServicesTaskKey.units, .list(.unit, maximum: 64), title: "Units", help: "One after the other, in this order.")
            ], required: [ServicesTaskKey.units])
    }
}

/// Types of tasks of Services, and their settings.
package enum ServicesTaskKey {
    package static let start = "start"
    package static let stop = "stop"
    package static let restart = "restart"
    package static let units = "units"
}

/// Keys of the settings of Services.
package enum ServicesKey {
    package static let watched = "watched"
    package static let period = "period"
}
