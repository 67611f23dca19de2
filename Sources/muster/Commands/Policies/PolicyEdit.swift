import MusterAPI

/// What is to be sent so that a policy, as it was read, becomes what a person asked for.
struct PolicyEdit {
    let policy: PolicyEntry

    /// - Parameters:
    ///   - values: texts by key.
    ///   - locked: nil: as they are.
    ///   - profile: in which of the policy's profiles; nil: in the policy itself.
    func setting(_ values: [String: String], locked: Bool?, profile: String?) throws(CommandError) -> ChangePolicy {
        try changing(Array(values.keys), profile) { (key, setting) throws(CommandError) in
            values[key].map { PolicySetting(value: .text($0), locked: locked ?? setting?.locked ?? false) }
        }
    }

    func unsetting(_ keys: [String], profile: String?) throws(CommandError) -> ChangePolicy {
        try changing(keys, profile) { (key, setting) throws(CommandError) in
            guard setting != nil else { throw unknownKey(key, profile) }
            return nil
        }
    }

    func locking(_ keys: [String], _ isLocked: Bool, profile: String?) throws(CommandError) -> ChangePolicy {
        try changing(keys, profile) { (key, setting) throws(CommandError) in
            guard let setting else { throw unknownKey(key, profile) }
            return PolicySetting(value: setting.value, locked: isLocked)
        }
    }

    /// - Parameter place: from 1; nil: the last.
    func adding(_ profile: PolicyProfileEntry, at place: Int?) throws(CommandError) -> ChangePolicy {
        var profiles = policy.profiles
        profiles.insert(profile, at: try index(place, upTo: profiles.count + 1) ?? profiles.count)
        return ChangePolicy(profiles: profiles)
    }

    /// What is nil stays.
    func editing(
        profile name: String, when: String? = nil, rename: String? = nil, enabled: Bool? = nil, at place: Int? = nil
    ) throws(CommandError) -> ChangePolicy {
        var profiles = policy.profiles
        let old = try index(of: name)
        var profile = profiles.remove(at: old)
        profile.when = when ?? profile.when
        profile.name = rename ?? profile.name
        profile.enabled = enabled ?? profile.enabled
        profiles.insert(profile, at: try index(place, upTo: policy.profiles.count) ?? old)
        return ChangePolicy(profiles: profiles)
    }

    func removing(profile name: String) throws(CommandError) -> ChangePolicy {
        var profiles = policy.profiles
        profiles.remove(at: try index(of: name))
        return ChangePolicy(profiles: profiles)
    }

    /// Each key as `change` makes it of what it is; nil takes it away.
    private func changing(
        _ keys: [String], _ profile: String?, _ change: (String, PolicySetting?) throws(CommandError) -> PolicySetting?
    ) throws(CommandError) -> ChangePolicy {
        guard let profile else {
            var changed: [String: PolicySetting?] = [:]
            for key in keys { changed.updateValue(try change(key, policy.settings[key]), forKey: key) }
            return ChangePolicy(settings: changed)
        }
        var profiles = policy.profiles
        let index = try index(of: profile)
        for key in keys { profiles[index].settings[key] = try change(key, profiles[index].settings[key]) }
        return ChangePolicy(profiles: profiles)
    }

    private func index(of profile: String) throws(CommandError) -> Int {
        if let index = policy.profiles.firstIndex(where: { $0.name == profile }) { return index }
        let names = policy.profiles.map { TerminalText.escaped($0.name) }
        throw .notThere(
            "The policy '\(shownName)' has no profile '\(TerminalText.escaped(profile))'.",
            advice: names.isEmpty
                ? "It has none: 'muster policies add-profile' makes one." : "It has: \(names.joined(separator: ", ")).")
    }

    private func index(_ place: Int?, upTo last: Int) throws(CommandError) -> Int? {
        guard let place else { return nil }
        guard (1...last).contains(place) else { throw .impossible("There is no place \(place): --at takes 1 to \(last).") }
        return place - 1
    }

    private func unknownKey(_ key: String, _ profile: String?) -> CommandError {
        let whole = "The policy '\(shownName)'"
        let place = profile.map { "The profile '\(TerminalText.escaped($0))' of '\(shownName)'" } ?? whole
        return .notThere(
            "\(place) does not set '\(TerminalText.escaped(key))'.", advice: "'muster policies show' says what it sets.")
    }

    private var shownName: String { TerminalText.escaped(policy.name) }
}
