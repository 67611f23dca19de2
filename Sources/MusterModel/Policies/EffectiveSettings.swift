/// What is to be in force on a device for one application, and why: a pure function of policies and the device's own values.
///
/// Of each key, the locked value nearest the root; else the value set for the device alone; else the nearest one up the tree; else the
/// application's own. In one policy a profile that holds goes before the policy, and a later profile before an earlier one.
package struct EffectiveSettings: Hashable, Sendable {
    /// By key; keys without any value are not in it.
    package let settings: [String: EffectiveSetting]

    /// - Parameters:
    ///   - policies: those in force, from the root's to that of the device's group.
    ///   - own: what was set for the device alone.
    package init(_ manifest: ApplicationManifest, policies: [AppliedPolicy], own: [String: ManagedValue]) {
        var settings: [String: EffectiveSetting] = [:]
        for declaration in manifest.settings {
            let candidates = Self.candidates(declaration, policies: policies, own: own[declaration.key])
            guard let winner = candidates.first else { continue }
            settings[declaration.key] = EffectiveSetting(winner, overrides: Array(candidates.dropFirst()))
        }
        self.settings = settings
    }

    package subscript(_ key: String) -> ManagedValue? { settings[key]?.value }

    /// What devices are told: values that somebody set. Where nobody did, the application goes on as it is.
    package var managed: [String: EffectiveSetting] { settings.filter { $0.value.origin != .standard } }

    /// The strongest first. A value of a kind that the application does not take (any more) is none.
    private static func candidates(
        _ declaration: SettingDeclaration, policies: [AppliedPolicy], own: ManagedValue?
    ) -> [SettingCandidate] {
        var locked: [SettingCandidate] = []
        var unlocked: [[SettingCandidate]] = []
        for policy in policies {
            let said = policy.candidates(declaration)
            guard let strongest = said.first else { continue }
            if strongest.isLocked { locked += said } else { unlocked.append(said) }
        }
        let device = own.flatMap { declaration.type.accepts($0) ? SettingCandidate(.device, $0) : nil }
        let standard = declaration.standard.map { SettingCandidate(.standard, $0) }
        return locked + [device].compactMap(\.self) + unlocked.reversed().flatMap(\.self) + [standard].compactMap(\.self)
    }
}

/// One key as it is in force.
package struct EffectiveSetting: Hashable, Sendable {
    package let value: ManagedValue
    package let isLocked: Bool
    package let origin: SettingOrigin
    /// What would be in force instead, the next first.
    package let overrides: [SettingCandidate]

    fileprivate init(_ winner: SettingCandidate, overrides: [SettingCandidate]) {
        value = winner.value
        isLocked = winner.isLocked
        origin = winner.origin
        self.overrides = overrides
    }
}

/// A policy with those of its profiles that hold for a device.
package struct AppliedPolicy: Hashable, Sendable {
    package let policy: Policy
    /// Their places in the policy, rising.
    package let profiles: [Int]

    package init(_ policy: Policy, profiles: [Int] = []) {
        self.policy = policy
        self.profiles = profiles.filter { policy.content.profiles.indices.contains($0) }
    }

    /// The strongest first.
    fileprivate func candidates(_ declaration: SettingDeclaration) -> [SettingCandidate] {
        var found: [SettingCandidate] = []
        func add(_ entry: ManagedSetting?, _ origin: SettingOrigin) {
            guard let entry, declaration.type.accepts(entry.value) else { return }
            found.append(SettingCandidate(origin, entry.value, isLocked: entry.isLocked))
        }
        for place in profiles.reversed() {
            let profile = policy.content.profiles[place]
            add(profile.settings[declaration.key], .profile(policy.id, name: profile.name))
        }
        add(policy.content.settings[declaration.key], .policy(policy.id))
        return found
    }
}
