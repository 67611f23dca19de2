import MusterModel
import MusterWire

/// What all devices of one standing and with the same values of their own are to have in force. Made once for all of them.
struct ComputedSettings: Sendable {
    struct Key: Hashable, Sendable {
        var standing: DeviceStanding.Place
        var own: [ApplicationID: [String: ManagedValue]]
    }

    /// The Network Agent's, but for what is a device's own property.
    let agent: AgentSettings
    /// From what on a device's status is worse.
    let status: StatusConditions
    /// Of the other applications, as each version of them knows them; secrets are open.
    let desired: [ManifestKey: [String: ManagedSetting]]
    /// The digest of each application's part of a document `settings`: what devices' results are about.
    let parts: [ManifestKey: Digest]

    /// - Parameters:
    ///   - base: pins and ports, which are no settings.
    ///   - open: gives what a secret holds; nil when it cannot be opened any more, which leaves the setting out.
    init(
        _ administration: Administration, _ key: Key, base: AgentSettings, open: (SecretValue) -> SecretValue?
    ) {
        func effective(_ manifest: ApplicationManifest) -> EffectiveSettings {
            administration.effective(manifest, for: DeviceStanding(key.standing), own: key.own[manifest.id] ?? [:])
        }
        status = StatusConditions(effective(.deviceStatus))
        agent = AgentSettings(base, effective(.networkAgent), open: open)
        var desired: [ManifestKey: [String: ManagedSetting]] = [:]
        for (key, manifest) in administration.catalogue.versions where manifest.travels && manifest.id != .networkAgent {
            let managed = effective(manifest).managed.compactMapValues { ManagedSetting(opening: $0, open) }
            if !managed.isEmpty { desired[key] = managed }
        }
        self.desired = desired
        parts = Dictionary(
            uniqueKeysWithValues: desired.map { ($0.key, Document(settings: [$0.key.application: $0.value]).digest) })
    }

    /// What a device with these applications gets.
    func document(for applications: Set<ManifestKey>) -> Document {
        let settings = desired.filter { applications.contains($0.key) }.map { ($0.key.application, $0.value) }
        // A device has one version of each.
        return Document(settings: Dictionary(settings) { first, _ in first })
    }
}

extension ManagedSetting {
    /// As a device is told it; nil for a secret that cannot be opened.
    fileprivate init?(opening setting: EffectiveSetting, _ open: (SecretValue) -> SecretValue?) {
        guard case .secret(let sealed) = setting.value else {
            self.init(setting.value, isLocked: setting.isLocked)
            return
        }
        guard let secret = open(sealed) else { return nil }
        self.init(.secret(secret), isLocked: setting.isLocked)
    }
}

extension DeviceStanding {
    /// What of it decides over settings.
    struct Place: Hashable, Sendable {
        var group: GroupID?
        var profiles: [PolicyID: [Int]]
    }

    var place: Place { Place(group: group, profiles: profiles) }

    /// What of it decides over tasks.
    struct TaskPlace: Hashable, Sendable {
        var group: GroupID?
        var chosen: Set<TaskID>
    }

    var taskPlace: TaskPlace { TaskPlace(group: group, chosen: tasks) }

    fileprivate init(_ place: Place) { self.init(group: place.group, profiles: place.profiles) }
}
