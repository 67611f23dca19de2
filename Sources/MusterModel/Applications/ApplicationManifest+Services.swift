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
        ])
}

/// Keys of the settings of Services.
package enum ServicesKey {
    package static let watched = "watched"
    package static let period = "period"
}
