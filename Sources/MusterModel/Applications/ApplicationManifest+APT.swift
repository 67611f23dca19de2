extension ApplicationManifest {
    /// Settings of the connector for the device's packages.
    package static let apt = ApplicationManifest(
        id: .apt, title: "APT",
        settings: [
            SettingDeclaration(
                APTKey.automaticUpdates, .onOff, title: "Automatic updates",
                help:
                    "Whether the device installs security updates by itself, by unattended-upgrades. Not set: as the device has it."
            )
        ])
}

/// Keys of the settings of APT.
package enum APTKey {
    package static let automaticUpdates = "automatic-updates"
}
