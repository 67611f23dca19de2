import MusterModel

/// What was done to a policy, for its history: `sync-interval = 5m, locked`, `profile 'night': since-connection > 1d`. Secrets show as dots.
enum PolicyChangeWords {
    static func settings(from old: [String: ManagedSetting], to new: [String: ManagedSetting]) -> [String] {
        Set(old.keys).union(new.keys).sorted().compactMap { key in
            guard old[key] != new[key] else { return nil }
            guard let setting = new[key] else { return "\(key) not set any more" }
            if setting.value == old[key]?.value { return "\(key) \(setting.isLocked ? "locked" : "not locked any more")" }
            return "\(key) = \(setting.value)" + (setting.isLocked ? ", locked" : "")
        }
    }

    static func profiles(from old: [PolicyProfile], to new: [PolicyProfile]) -> [String] {
        let gone = old.filter { profile in !new.contains { $0.name == profile.name } }.map { "profile '\($0.name)' taken out" }
        let changed = new.compactMap { profile in change(of: profile, from: old.first { $0.name == profile.name }) }
        let order = new.map(\.name).filter { name in old.contains { $0.name == name } }
        let isReordered = order != old.map(\.name).filter(order.contains)
        return gone + changed + (isReordered ? ["order of profiles: \(new.map(\.name).joined(separator: ", "))"] : [])
    }

    private static func change(of profile: PolicyProfile, from old: PolicyProfile?) -> String? {
        guard profile != old else { return nil }
        var words: [String] = []
        if profile.condition != old?.condition { words.append("when \(profile.condition)") }
        if profile.isEnabled != old?.isEnabled ?? true { words.append(profile.isEnabled ? "enabled" : "disabled") }
        words += settings(from: old?.settings ?? [:], to: profile.settings)
        return "profile '\(profile.name)'\(old == nil ? " added" : ""): \(words.joined(separator: "; "))"
    }
}
