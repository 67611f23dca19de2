import ArgumentParser
import MusterAPI
import MusterModel

extension Policies {
    /// `muster policies add-profile`
    struct AddProfile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add-profile",
            abstract: "Adds a profile to a policy: values for the devices on which an expression holds.",
            discussion: """
                Where several profiles hold, a later one changes what an earlier one said. Quote the expression: \
                --when 'tag = web and os ~ Debian*'. It may ask for anything but the device's status.
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PolicyChangeOptions
        @OptionGroup var settings: SettingOptions
        @Option(help: ArgumentHelp("On which devices: a device expression.", valueName: "expression")) var when: String
        @Option(help: ArgumentHelp("Its place among the profiles, from 1; without it, the last.", valueName: "place")) var at:
            Int?
        @Flag(help: "Not in force until 'muster policies edit-profile --enable'.") var disabled = false
        @Argument(help: .policy) var policy: String
        @Argument(help: "What the profile is called.") var name: String

        func run() async throws {
            try await options.change(policy, global, expression: when) { entry, client in
                let values = try await client.values(settings.given, of: entry.application)
                let profile = PolicyProfileEntry(
                    name: name, when: when, enabled: !disabled, settings: settings.settings(values))
                return try PolicyEdit(policy: entry).adding(profile, at: at)
            }
        }
    }

    /// `muster policies edit-profile`
    struct EditProfile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "edit-profile", abstract: "Changes when a profile holds, its name, its place, or whether it is enabled.",
            discussion: "Its values: 'muster policies set POLICY KEY=VALUE --profile NAME'.")

        enum State: String, EnumerableFlag { case enable, disable }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PolicyChangeOptions
        @Option(help: ArgumentHelp("On which devices: a device expression.", valueName: "expression")) var when: String?
        @Option(help: ArgumentHelp("Another name.", valueName: "name")) var rename: String?
        @Flag(exclusivity: .exclusive, help: "Whether it holds where its expression does, or nowhere.") var state: State?
        @Option(help: ArgumentHelp("Its place among the profiles, from 1.", valueName: "place")) var at: Int?
        @Argument(help: .policy) var policy: String
        @Argument(help: "The profile.") var name: String

        func validate() throws {
            guard when != nil || rename != nil || state != nil || at != nil else {
                throw ValidationError("Say what to change: --when, --rename, --enable, --disable or --at.")
            }
        }

        func run() async throws {
            try await options.change(policy, global, expression: when) { edit throws(CommandError) in
                try edit.editing(
                    profile: name, when: when, rename: rename, enabled: state.map { $0 == .enable }, at: at)
            }
        }
    }

    /// `muster policies remove-profile`
    struct RemoveProfile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove-profile", abstract: "Takes a profile out of a policy, with its values.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: PolicyChangeOptions
        @Argument(help: .policy) var policy: String
        @Argument(help: "The profile.") var name: String

        func run() async throws {
            try await options.change(policy, global) { edit throws(CommandError) in try edit.removing(profile: name) }
        }
    }
}
