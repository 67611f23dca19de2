import MusterAPI
import MusterModel
import MusterStore

extension Administration {
    func path(of group: GroupID) -> String { GroupPath(names: tree.names(to: group))?.description ?? "/" }

    func reference(to group: GroupID) -> GroupReference { GroupReference(id: group, path: path(of: group)) }

    /// A group by its id or path.
    func group(named text: String, member: String, isParameter: Bool = false) throws(Problem) -> GroupID {
        if let id = GroupID(text), let group = tree[id] { return group.id }
        if let path = GroupPath(text), let group = tree.group(named: path.names) { return group.id }
        let detail = "There is no group '\(text.prefix(200))'."
        if isParameter { throw .parameter(member, detail, allowed: "an id or a path, as /Warsaw/Office") }
        throw .member(member, detail, allowed: "an id or a path, as /Warsaw/Office")
    }

    func origin(_ origin: SettingOrigin) -> SettingOriginEntry {
        func entry(_ kind: String, _ id: PolicyID, profile: String?) -> SettingOriginEntry {
            let policy = policies[id]?.policy
            return SettingOriginEntry(
                kind: kind, policy: id, policyName: policy?.name, group: policy.map { path(of: $0.group) }, profile: profile)
        }
        return switch origin {
        case .standard: SettingOriginEntry(kind: "default")
        case .device: SettingOriginEntry(kind: "device")
        case .policy(let id): entry("policy", id, profile: nil)
        case .profile(let id, let name): entry("profile", id, profile: name)
        }
    }
}

extension PolicySetting {
    init(_ setting: ManagedSetting) { self.init(value: ManagedValueEntry(setting.value), locked: setting.isLocked) }
}

extension PolicyEntry {
    init(_ record: PolicyRecord, _ administration: Administration) {
        let policy = record.policy
        self.init(
            id: policy.id, name: policy.name, application: policy.application.description,
            group: administration.reference(to: policy.group), active: policy.isActive, revision: policy.revision,
            created: record.created, changed: record.changed, settings: policy.content.settings.mapValues { PolicySetting($0) },
            profiles: policy.content.profiles.map { profile in
                PolicyProfileEntry(
                    name: profile.name, when: profile.condition, enabled: profile.isEnabled,
                    settings: profile.settings.mapValues { PolicySetting($0) })
            })
    }
}

extension PolicyRevisionEntry {
    init(_ record: PolicyRevisionRecord) {
        self.init(
            revision: record.revision, at: record.at, principal: "\(record.principal.kind) \(record.principal.id)",
            change: record.change)
    }
}

extension PolicyDeviceEntry {
    init(_ record: DeviceRecord, _ delivery: DeviceDelivery?, liveness: DeviceLiveness?) {
        self.init(device: record.id, deviceName: record.name, delivery: delivery?.delivery.code ?? SettingsDelivery.pending.code)
        if case .failed(let code, let text) = delivery?.delivery {
            self.code = code
            self.text = text
        }
        let report = delivery?.report
        restricted = report.flatMap { $0.restricted.isEmpty ? nil : $0.restricted }
        changedLocally = report.flatMap { $0.changedLocally.isEmpty ? nil : $0.changedLocally }
        connectionState = liveness?.status?.state.code
        nextSynchronization = liveness?.nextSynchronization
    }
}

extension DeviceSettingEntry {
    init(
        _ application: ApplicationID, _ declaration: SettingDeclaration, _ setting: EffectiveSetting?,
        _ report: ApplicationReport?,
        _ administration: Administration
    ) {
        self.init(
            application: application.description, key: declaration.key, title: declaration.title,
            value: setting.map { ManagedValueEntry($0.value) }, locked: setting?.isLocked ?? false,
            origin: administration.origin(setting?.origin ?? .standard),
            overrides: (setting?.overrides ?? []).map { candidate in
                OverriddenSetting(
                    value: ManagedValueEntry(candidate.value), locked: candidate.isLocked,
                    origin: administration.origin(candidate.origin))
            },
            restricted: report?.restricted.contains(declaration.key) ?? false,
            changedLocally: report?.changedLocally.contains(declaration.key) ?? false)
    }
}

extension DeviceApplicationEntry {
    /// - Parameters:
    ///   - title: of its manifest; nil: it is not accepted.
    ///   - manifest: what was decided of it; nil: it is built in.
    init(
        _ record: DeviceApplicationRecord, _ delivery: SettingsDelivery?, _ statistics: [String: Int64]?, title: String?,
        manifest: String?
    ) {
        let report = record.report
        self.init(
            application: report.application.description,
            title: title ?? report.application.description,
            version: report.version.isEmpty ? nil : report.version, state: report.state.code, delivery: delivery?.code,
            changedLocally: report.changedLocally, restricted: report.restricted, problems: report.problems, facts: report.facts,
            statistics: statistics)
        self.manifest = manifest
        if case .failed(let code, let text) = delivery {
            self.code = code
            self.text = text
        }
    }
}
