import ArgumentParser

/// `KEY=VALUE` as typed. What the value must look like is for the server to say, which knows the setting.
struct SettingArgument: Hashable, Sendable {
    let key: String
    /// As typed; of a secret, the file it stands in.
    let text: String

    @Sendable static func typed(_ argument: String) throws -> SettingArgument {
        try parsed(argument, "KEY=VALUE, as sync-interval=5m")
    }

    @Sendable static func typedOfTask(_ argument: String) throws -> SettingArgument {
        try parsed(argument, "KEY=VALUE, as packages=nginx,curl")
    }

    @Sendable static func secret(_ argument: String) throws -> SettingArgument {
        try parsed(argument, "KEY=FILE; - for standard input")
    }

    @Sendable static func file(_ argument: String) throws -> SettingArgument {
        try parsed(argument, "KEY=FILE; - for standard input")
    }

    private static func parsed(_ argument: String, _ form: String) throws -> SettingArgument {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { throw ValidationError("It is to be \(form).") }
        return SettingArgument(key: String(parts[0]), text: String(parts[1]))
    }

    /// `APPLICATION/KEY` apart.
    func named() throws -> SettingName { try SettingName.parsed(key) }
}

/// A setting of an application: `network-agent/sync-interval`.
struct SettingName: Hashable, Sendable {
    let application: String
    let key: String

    @Sendable static func parsed(_ text: String) throws -> SettingName {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("'\(text)' is not APPLICATION/KEY, as network-agent/sync-interval.")
        }
        return SettingName(application: String(parts[0]), key: String(parts[1]))
    }
}
