extension ApplicationManifest {
    /// The device itself: nothing to set, but something to do.
    package static let device = ApplicationManifest(
        id: .device, title: "Device", travels: false, settings: [],
        tasks: [
            TaskTypeDeclaration(
                DeviceTaskKey.restart, title: "Restart the device",
                help: "Warns who is logged in and restarts it after the delay. It succeeds when the restart is arranged.",
                isLimitedByReach: true, settings: shutdownSettings),
            TaskTypeDeclaration(
                DeviceTaskKey.shutDown, title: "Shut the device down",
                help: "Warns who is logged in and switches it off after the delay. It succeeds when that is arranged.",
                isLimitedByReach: true, settings: shutdownSettings),
        ])

    private static let shutdownSettings = [
        SettingDeclaration(
            DeviceTaskKey.delay, .duration(.minutes(1)...(.days(1))), standard: .duration(.minutes(1)), title: "Delay",
            help: "Until it goes down, in whole minutes. Who is at the device may call it off: shutdown -c."),
        SettingDeclaration(
            DeviceTaskKey.message, .text(.line), title: "Message", help: "What those who are logged in at a terminal are told."),
    ]
}

/// Types of tasks of the device itself, and their settings.
package enum DeviceTaskKey {
    package static let restart = "restart"
    package static let shutDown = "shut-down"
    package static let delay = "delay"
    package static let message = "message"
}
