import ArgumentParser
import MusterAPI
import MusterModel

/// `--set`, `--secret`, `--lock`: what a policy or a profile says from its first day.
struct SettingOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A value, as sync-interval=5m. May be given several times.", valueName: "key=value"),
        transform: SettingArgument.typed)
    var typed: [SettingArgument] = []

    @OptionGroup var secrets: SecretOption

    @Option(help: ArgumentHelp("Lock this one of them. May be given several times.", valueName: "key"))
    var lock: [String] = []

    var given: GivenSettings { GivenSettings(typed: typed, secrets: secrets.secret) }

    func validate() throws {
        try given.validate()
        let keys = (typed + secrets.secret).map(\.key)
        if let key = lock.first(where: { !keys.contains($0) }) {
            throw ValidationError("--lock \(key) goes with --set \(key)=VALUE.")
        }
    }

    func settings(_ values: [String: String]) -> [String: PolicySetting] {
        var settings: [String: PolicySetting] = [:]
        for (key, text) in values { settings[key] = PolicySetting(value: .text(text), locked: lock.contains(key)) }
        return settings
    }
}

/// `--secret KEY=FILE`
struct SecretOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A secret out of a file, as proxy-password=FILE; - is standard input. Secrets are not typed. May be given several times.",
            valueName: "key=file"),
        transform: SettingArgument.secret)
    var secret: [SettingArgument] = []

    func validate() throws {
        guard secret.filter({ $0.text == "-" }).count < 2 else {
            throw ValidationError("Standard input (-) holds one secret only.")
        }
    }
}

/// How a policy is changed: as it was read, or as it was at a revision; or only what that would do.
struct PolicyChangeOptions: ParsableArguments {
    @OptionGroup var dryRun: DryRunOption
    @Option(help: "Refuse if it was changed since this revision; without it, since this command read it.") var revision: Int64?

    /// - Parameter edit: from the policy as it was read.
    func change(
        _ reference: String, _ global: GlobalOptions, expression: String? = nil,
        _ edit: (PolicyEntry, inout APIClient) async throws -> ChangePolicy
    ) async throws {
        try await global.withClient(expression: expression) { client in
            let policy = try await client.policy(reference)
            let change = try await edit(policy, &client)
            let revision = revision ?? policy.revision
            guard dryRun.dryRun else {
                let changed: PolicyEntry = try await client.change(policy, revision: revision, change)
                return try PolicyPrinter.print(changed, global.output)
            }
            let run: PolicyDryRun = try await client.change(policy, revision: revision, change, query: dryRun.query)
            try ItemPrinter.print(run, global.output, members: run.members)
        }
    }

    /// A change that needs nothing but the policy.
    func change(
        _ reference: String, _ global: GlobalOptions, expression: String? = nil,
        _ edit: (PolicyEdit) throws(CommandError) -> ChangePolicy
    ) async throws {
        try await change(reference, global, expression: expression) { policy, _ in try edit(PolicyEdit(policy: policy)) }
    }
}

extension PolicyDryRun {
    var members: [(name: String, value: String)] {
        [
            ("Devices whose settings change", String(devices)), ("Of them reached at once", String(reachableNow)),
            ("To be sent", Shown.size(UInt64(clamping: bytes))), ("Changed", "nothing: a dry run"),
        ]
    }
}
