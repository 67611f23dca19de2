extension ApplicationManifest {
    /// Settings of the connector for the device's packages, and what can be done with them.
    package static let apt = ApplicationManifest(
        id: .apt, title: "APT",
        settings: [
            SettingDeclaration(
                APTKey.automaticUpdates, .onOff, title: "Automatic updates",
                help:
                    "Whether the device installs security updates by itself, by unattended-upgrades. Not set: as the device has it."
            ),
            SettingDeclaration(
                APTKey.allowedOrigins, .list(.packageOrigin, maximum: 32), title: "Allowed origins",
                help: "Where automatic updates may come from, and from nowhere else. Not set: as the device has it."),
        ], tasks: aptTasks)

    private static let packages = SettingDeclaration(
        APTTaskKey.packages, .list(.package, maximum: 200), title: "Packages", help: "Which ones.")

    private static let aptTasks = [
        TaskTypeDeclaration(
            APTTaskKey.refreshLists, title: "Refresh the package lists",
            help: "Fetches the lists of the device's sources of packages anew. It fails when one of them cannot be fetched."),
        TaskTypeDeclaration(
            APTTaskKey.install, title: "Install packages",
            help: "Installs packages with what they need, or brings them to the newest version, or to the one named.",
            isLimitedByReach: true, settings: [packages], required: [APTTaskKey.packages]),
        TaskTypeDeclaration(
            APTTaskKey.remove, title: "Remove packages",
            help: "Removes packages with those that need them. One that is not installed is no failure.", isLimitedByReach: true,
            settings: [
                packages,
                SettingDeclaration(
                    APTTaskKey.purge, .onOff, standard: .onOff(false), title: "Purge",
                    help: "Whether their configuration and data go as well."),
            ], required: [APTTaskKey.packages]),
        TaskTypeDeclaration(
            APTTaskKey.upgrade, title: "Upgrade packages",
            help: "Brings installed packages to the newest version in the device's lists. Nothing is removed for it.",
            isLimitedByReach: true,
            settings: [
                SettingDeclaration(
                    APTTaskKey.which, .choice(["all", "security"]), standard: .text("all"), title: "Which",
                    help: "All that there is something newer of, or security updates alone."),
                SettingDeclaration(
                    APTTaskKey.packages, .list(.package, maximum: 200), standard: .list([]), title: "Packages",
                    help: "These alone; none: whatever there is. One that is not installed is left out."),
                SettingDeclaration(
                    APTTaskKey.origins, .list(.packageOrigin, maximum: 32), standard: .list([]), title: "Origins",
                    help: "Only what comes from one of these; none: from anywhere."),
            ]),
    ]
}

/// Keys of the settings of APT.
package enum APTKey {
    package static let automaticUpdates = "automatic-updates"
    package static let allowedOrigins = "allowed-origins"
}

/// Types of tasks of APT, and their settings.
package enum APTTaskKey {
    package static let refreshLists = "refresh-lists"
    package static let install = "install"
    package static let remove = "remove"
    package static let upgrade = "upgrade"
    package static let packages = "packages"
    package static let purge = "purge"
    package static let which = "which"
    package static let origins = "origins"
}
