import ArgumentParser
import MusterAPI
import MusterModel

extension Policies {
    /// `muster policies set`
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets values in a policy, or in one of its profiles.",
            discussion: """
                Values are typed as 'muster applications show APPLICATION' says what is allowed: 'on', '15m', '15001', 'a,b'. What is \
                not named stays as it is. Devices that are connected have it at once, the others at their next synchronization: \
                'muster policies delivery POLICY'.
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PolicyChangeOptions
        @OptionGroup var secrets: SecretOption
        @Flag(
            exclusivity: .exclusive,
            help: "Whether groups below and devices must keep these values; without either, as it is.")
        var lock: LockChoice?
        @Option(help: "In this profile of the policy.") var profile: String?
        @Argument(help: .policy) var policy: String
        @Argument(help: ArgumentHelp("Values, as sync-interval=5m.", valueName: "key=value"), transform: SettingArgument.typed)
        var settings: [SettingArgument] = []

        private var given: GivenSettings { GivenSettings(typed: settings, secrets: secrets.secret) }

        func validate() throws {
            guard !given.isEmpty else { throw ValidationError("Say what to set: KEY=VALUE, or --secret KEY=FILE.") }
            try given.validate()
        }

        func run() async throws {
            try await options.change(policy, global) { entry, client in
                let values = try await client.values(given, of: entry.application)
                return try PolicyEdit(policy: entry).setting(values, locked: lock.map { $0 == .lock }, profile: profile)
            }
        }
    }

    enum LockChoice: String, EnumerableFlag { case lock, unlock }

    /// `muster policies unset`
    struct Unset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes values out of a policy, or out of one of its profiles.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PolicyChangeOptions
        @Option(help: "Out of this profile of the policy.") var profile: String?
        @Argument(help: .policy) var policy: String
        @Argument(help: "The keys.") var key: [String]

        func run() async throws {
            try await options.change(policy, global) { edit throws(CommandError) in try edit.unsetting(key, profile: profile) }
        }
    }

    /// Keys whose values are locked or not any more.
    struct LockedKeys: ParsableArguments {
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PolicyChangeOptions
        @Option(help: "Those of this profile of the policy.") var profile: String?
        @Argument(help: .policy) var policy: String
        @Argument(help: "The keys.") var key: [String]

        func lock(_ isLocked: Bool) async throws {
            try await options.change(policy, global) { edit throws(CommandError) in
                try edit.locking(key, isLocked, profile: profile)
            }
        }
    }

    /// `muster policies lock`
    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Locks values: groups below and devices must keep them.",
            discussion: "A value that somebody changes on a device is put back.")
        @OptionGroup var keys: LockedKeys

        func run() async throws { try await keys.lock(true) }
    }

    /// `muster policies unlock`
    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Unlocks values: groups below and devices may have others.")
        @OptionGroup var keys: LockedKeys

        func run() async throws { try await keys.lock(false) }
    }

    /// `muster policies rename`
    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Gives a policy another name.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PolicyChangeOptions
        @Argument(help: .policy) var policy: String
        @Argument(help: "The new name.") var name: String

        func run() async throws {
            try await options.change(policy, global) { _, _ in ChangePolicy(name: name) }
        }
    }

    /// `muster policies activate`
    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts a policy in force, in place of the one of the same application and group that was.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PolicyChangeOptions
        @Argument(help: .policy) var policy: String

        func run() async throws { try await options.change(policy, global) { _, _ in ChangePolicy(active: true) } }
    }

    /// `muster policies deactivate`
    struct Deactivate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a policy out of force; it is kept.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PolicyChangeOptions
        @Argument(help: .policy) var policy: String

        func run() async throws { try await options.change(policy, global) { _, _ in ChangePolicy(active: false) } }
    }
}
