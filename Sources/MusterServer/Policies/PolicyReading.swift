import MusterAPI
import MusterModel

/// Reads what a request says of a policy by the manifest of its application: every wrong value is named with what is allowed.
struct PolicyReading {
    let manifest: ApplicationManifest
    let seal: @Sendable (String) -> SecretValue?
    var tree = GroupTree()

    /// A policy in JSON: more keys than any application has, and more profiles than anyone keeps in mind.
    static let maximumBytes = 256 * 1024

    /// - Parameter old: where a secret is kept that the request does not say anew.
    func settings(_ wanted: [String: PolicySetting], member: String, old: [String: ManagedSetting]) throws(Problem) -> [String:
        ManagedSetting]
    {
        var settings: [String: ManagedSetting] = [:]
        var errors: [Problem.FieldError] = []
        for (key, setting) in wanted.sorted(by: { $0.key < $1.key }) {
            do throws(SettingFault) {
                settings[key] = ManagedSetting(
                    try value(setting.value, for: key, old: old[key]?.value), isLocked: setting.locked ?? false)
            } catch {
                errors.append(.init(field: "\(member).\(error.key)", detail: error.text, allowed: error.allowed))
            }
        }
        guard errors.isEmpty else { throw .members(errors) }
        return settings
    }

    func value(_ entry: ManagedValueEntry, for key: String, old: ManagedValue?) throws(SettingFault) -> ManagedValue {
        switch entry {
        case .text(let text): return try read(text, for: key)
        case .secret:
            guard case .secret = old, let old else {
                throw SettingFault(key: key, text: "It holds no secret yet.", allowed: "the secret, as a text")
            }
            return old
        case .onOff(let isOn): return try checked(.onOff(isOn), for: key)
        case .number(let number): return try checked(.number(number), for: key)
        case .list(let texts): return try checked(.list(texts), for: key)
        }
    }

    private func read(_ text: String, for key: String) throws(SettingFault) -> ManagedValue {
        var isSealed = true
        let value = try manifest.value(of: text, for: key) { text in
            guard let sealed = seal(text) else {
                isSealed = false
                return SecretValue(bytes: [])
            }
            return sealed
        }
        guard isSealed else { throw SettingFault(key: key, text: "The secret could not be sealed.", allowed: "") }
        return value
    }

    private func checked(_ value: ManagedValue, for key: String) throws(SettingFault) -> ManagedValue {
        try manifest.check(value, for: key)
        return value
    }

    func profiles(_ wanted: [PolicyProfileEntry], old: [PolicyProfile]) throws(Problem) -> [PolicyProfile] {
        guard wanted.count <= PolicyProfile.maximumCount else {
            throw .member("profiles", "There are \(wanted.count).", allowed: "0…\(PolicyProfile.maximumCount)")
        }
        var profiles: [PolicyProfile] = []
        for (place, entry) in wanted.enumerated() {
            let member = "profiles.\(place)"
            try NameRule.check(entry.name, member: "\(member).name")
            guard !profiles.contains(where: { $0.name == entry.name }) else {
                throw .member("\(member).name", "Another profile of the policy has this name.")
            }
            // One that stood there may name a group that is gone.
            let isNew = !old.contains { $0.condition == entry.when }
            try ConditionRule.check(
                entry.when, member: "\(member).when", forbidden: [.status], groups: isNew ? tree : nil)
            let before = (old.first { $0.name == entry.name } ?? renamed(place, wanted, old))?.settings ?? [:]
            profiles.append(
                PolicyProfile(
                    name: entry.name, condition: entry.when, isEnabled: entry.enabled ?? true,
                    settings: try settings(entry.settings, member: "\(member).settings", old: before)))
        }
        return profiles
    }
}

extension PolicyReading {
    /// The one at this place, where it is the only one whose name went, and this the only one that came: its secrets are kept.
    private func renamed(_ place: Int, _ wanted: [PolicyProfileEntry], _ old: [PolicyProfile]) -> PolicyProfile? {
        let gone = old.filter { profile in !wanted.contains { $0.name == profile.name } }
        let new = wanted.filter { entry in !old.contains { $0.name == entry.name } }
        return gone.count == 1 && new.count == 1 && new.first?.name == wanted[place].name ? gone.first : nil
    }
}

/// A device expression as it is written down in a rule or profile.
enum ConditionRule {
    /// - Parameters:
    ///   - forbidden: what it may not ask for, because that follows from it.
    ///   - groups: those that there are; nil: it may name others.
    static func check(
        _ text: String, member: String, forbidden: Set<DeviceField>, groups: GroupTree? = nil
    ) throws(Problem) {
        let expression: DeviceExpression
        do { expression = try DeviceExpression(text) } catch { throw .member(member, "\(error)") }
        let asked = expression.fields.intersection(forbidden).map(\.rawValue).sorted()
        guard asked.isEmpty else {
            throw .member(member, "It may not ask for \(asked.joined(separator: ", ")), which follows from it.")
        }
        if let group = groups.flatMap(expression.unknownGroup) {
            throw .member(member, "There is no administration group '\(group)'.")
        }
    }
}
