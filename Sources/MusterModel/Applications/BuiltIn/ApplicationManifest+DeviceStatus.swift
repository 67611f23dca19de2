extension ApplicationManifest {
    private static let levels = SettingType.choice(["off", "warning", "critical"])

    /// What makes a device's status Warning or Critical. Set as settings are, by group, with the same inheritance; no device gets them.
    package static let deviceStatus = ApplicationManifest(
        id: .deviceStatus, title: "Device status", travels: false,
        settings: [
            SettingDeclaration(
                DeviceStatusKey.overdueWarning, .duration(.hours(1)...(.days(365))), standard: .duration(.days(7)),
                title: "Overdue: Warning after", help: "Since the device should have synchronized last."),
            SettingDeclaration(
                DeviceStatusKey.overdueCritical, .duration(.hours(1)...(.days(365))), standard: .duration(.days(14)),
                title: "Overdue: Critical after", help: "Since the device should have synchronized last."),
            SettingDeclaration(
                DeviceStatusKey.unitFailed, levels, standard: .text("warning"), title: "A watched unit failed",
                help: "Until it runs again or is not watched any more."),
            SettingDeclaration(
                DeviceStatusKey.settingsFailed, levels, standard: .text("warning"), title: "Settings could not be applied",
                help: "The last good ones are in force until they can."),
            SettingDeclaration(
                DeviceStatusKey.changedLocally, levels, standard: .text("off"), title: "A managed setting was changed locally",
                help: "One that is not locked; a locked one is put back."),
            SettingDeclaration(
                DeviceStatusKey.copySuspected, levels, standard: .text("critical"), title: "Several machines come as this device",
                help: "Until an administrator decides: split or same."),
            SettingDeclaration(
                DeviceStatusKey.diskWarning, .number(0...100), standard: .number(10), title: "Disk nearly full: Warning below",
                help: "Per cent of the root file system that are free; 0: never."),
            SettingDeclaration(
                DeviceStatusKey.diskCritical, .number(0...100), standard: .number(3), title: "Disk nearly full: Critical below",
                help: "Per cent of the root file system that are free; 0: never."),
            SettingDeclaration(
                DeviceStatusKey.clockOff, .duration(.seconds(1)...(.days(365))), standard: .duration(.minutes(5)),
                title: "Clock off: Warning beyond", help: "Difference between the device's clock and the server's."),
            SettingDeclaration(
                DeviceStatusKey.securityUpdates, levels, standard: .text("off"), title: "Security updates are pending",
                help: "Most devices have some for a day or two, unless updates are automatic."),
            SettingDeclaration(
                DeviceStatusKey.restartRequired, levels, standard: .text("warning"), title: "A restart is required",
                help: "Something that was updated is in use only after it."),
            SettingDeclaration(
                DeviceStatusKey.taskFailed, levels, standard: .text("warning"), title: "A task failed",
                help:
                    "Its last run on the device failed, took too long or was interrupted; until it succeeds or is meant for the device no more."
            ),
            SettingDeclaration(
                DeviceStatusKey.threatFound, levels, standard: .text("critical"), title: "A threat was found and is there still",
                help: "Until its file is gone or was written anew."),
            SettingDeclaration(
                DeviceStatusKey.protectionStopped, levels, standard: .text("critical"), title: "Protection is stopped",
                help: "ClamAV is installed, and clamd is stopped or does not answer."),
            SettingDeclaration(
                DeviceStatusKey.databasesOutdated, levels, standard: .text("warning"),
                title: "Databases of signatures are outdated", help: "ClamAV's setting says after what time; else 7 days."),
        ])
}

/// Keys of the conditions of device status.
package enum DeviceStatusKey {
    package static let overdueWarning = "overdue-warning"
    package static let overdueCritical = "overdue-critical"
    package static let unitFailed = "unit-failed"
    package static let settingsFailed = "settings-failed"
    package static let changedLocally = "changed-locally"
    package static let copySuspected = "copy-suspected"
    package static let diskWarning = "disk-free-warning"
    package static let diskCritical = "disk-free-critical"
    package static let clockOff = "clock-off"
    package static let securityUpdates = "security-updates"
    package static let restartRequired = "restart-required"
    package static let taskFailed = "task-failed"
    package static let threatFound = "threat-found"
    package static let protectionStopped = "protection-stopped"
    package static let databasesOutdated = "databases-outdated"
}
