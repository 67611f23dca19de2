import MusterModel

/// What is different on the device from what was applied to it. Rules only.
struct LocalChanges: Hashable, Sendable {
    /// Locked ones, with the value they should have.
    let toPutBack: [String: ManagedValue]
    /// Others, rising: they stay as they are.
    let left: [String]

    /// - Parameters:
    ///   - part: what is managed now, and whether it is locked.
    ///   - applied: what was given to the application last.
    init(_ part: DesiredPart, applied: [String: ManagedSetting], inForce: [String: ManagedValue]) {
        var (toPutBack, left): ([String: ManagedValue], [String]) = ([:], [])
        for (key, setting) in part.settings {
            guard let should = applied[key]?.value, let value = inForce[key], value != should else { continue }
            if setting.isLocked { toPutBack[key] = should } else { left.append(key) }
        }
        self.toPutBack = toPutBack
        self.left = left.sorted()
    }

    /// - Parameter before: what was said before: once is enough.
    func events(_ application: ApplicationID, after before: [String], now: Timestamp) -> [DeviceEvent] {
        left.filter { !before.contains($0) }.map {
            Self.event(
                EventType.settingChangedLocally, .warning, "the setting '\($0)' of \(application) was changed on the device", $0,
                application, now)
        }
    }

    func eventsOfPuttingBack(_ application: ApplicationID, now: Timestamp) -> [DeviceEvent] {
        toPutBack.keys.sorted().map {
            Self.event(
                EventType.settingPutBack, .info,
                "the setting '\($0)' of \(application) was changed on the device, and put back because it is locked", $0,
                application,
                now)
        }
    }

    private static func event(
        _ type: String, _ severity: Severity, _ text: String, _ key: String, _ application: ApplicationID, _ now: Timestamp
    ) -> DeviceEvent {
        DeviceEvent(
            type: type, severity: severity, occurred: now,
            parameters: ["application": .text(application.description), "key": .text(key)], text: text)
    }
}
