import ArgumentParser
import MusterAPI
import MusterModel

/// `muster moving-rules …`
struct MovingRules: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "moving-rules",
        abstract: "Rules that place devices in groups: the first that holds decides.",
        discussion: """
            They decide over devices that are placed automatically; one that was moved by hand stays where it was put ('muster devices move \
            --automatic' gives it back). Conditions are device expressions, without the fields group and status. --dry-run changes nothing \
            and shows what would become of devices.
            """,
        subcommands: [List.self, Create.self, Edit.self, Order.self, Delete.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the moving rules in their order.")
        @OptionGroup var global: GlobalOptions

        func run() async throws { try await RuleKindCommands.moving.list(global) }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a moving rule, behind the others.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: RuleCreation
        @Option(help: ArgumentHelp("Where devices go: a group, or unassigned.", valueName: "path")) var to: String

        func run() async throws { try await RuleKindCommands.moving.create(options.change(to: to), options.dryRun, global) }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Changes a moving rule. What is not given stays.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: RuleEditing
        @Option(help: ArgumentHelp("Where devices go: a group, or unassigned.", valueName: "path")) var to: String?

        func run() async throws { try await RuleKindCommands.moving.edit(options, options.change(to: to), global) }
    }

    struct Order: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Puts the rules in another order: name all of them.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: RuleOrdering

        func run() async throws { try await RuleKindCommands.moving.order(options, global) }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes a moving rule.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: RuleDeletion

        func run() async throws { try await RuleKindCommands.moving.delete(options, global) }
    }
}

/// `muster tag-rules …`
struct TagRules: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag-rules",
        abstract: "Rules that give tags: each that holds gives its own, beside those given by hand.",
        discussion: """
            Conditions are device expressions, without the fields tag, group and status. --dry-run changes nothing and shows what would become \
            of devices.
            """,
        subcommands: [List.self, Create.self, Edit.self, Order.self, Delete.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the tag rules in their order.")
        @OptionGroup var global: GlobalOptions

        func run() async throws { try await RuleKindCommands.tag.list(global) }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a tag rule, behind the others.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: RuleCreation
        @Option(help: "The tag it gives.") var tag: String

        func run() async throws { try await RuleKindCommands.tag.create(options.change(tag: tag), options.dryRun, global) }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Changes a tag rule. What is not given stays.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: RuleEditing
        @Option(help: "The tag it gives.") var tag: String?

        func run() async throws { try await RuleKindCommands.tag.edit(options, options.change(tag: tag), global) }
    }

    struct Order: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Puts the rules in another order: name all of them.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: RuleOrdering

        func run() async throws { try await RuleKindCommands.tag.order(options, global) }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes a tag rule: its tag goes with it.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: RuleDeletion

        func run() async throws { try await RuleKindCommands.tag.delete(options, global) }
    }
}
