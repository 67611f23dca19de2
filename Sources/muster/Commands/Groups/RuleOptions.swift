import ArgumentParser
import MusterAPI

struct RuleCreation: ParsableArguments {
    @OptionGroup var dryRun: DryRunOption
    @Option(help: ArgumentHelp("A device expression, as 'address = 10.1.0.0/16'.", valueName: "expression")) var when: String
    @Option(help: "Its place among the rules, from 1; the last unless given.") var position: Int64?
    @Flag(help: "Made, and not in force yet.") var disabled = false
    @Argument(help: "What it is called.") var name: String

    func change(to: String? = nil, tag: String? = nil) -> RuleChange {
        RuleChange(name: name, when: when, to: to, tag: tag, enabled: disabled ? false : nil, position: position)
    }
}

struct RuleEditing: ParsableArguments {
    @OptionGroup var dryRun: DryRunOption
    @OptionGroup var revision: RevisionOption
    @Option(help: "Another name.") var name: String?
    @Option(help: ArgumentHelp("Another condition: a device expression.", valueName: "expression")) var when: String?
    @Option(help: "In force: on or off.") var enabled: Devices.PermanentConnection.Switch?
    @Argument(help: .rule) var rule: String

    func change(to: String? = nil, tag: String? = nil) -> RuleChange {
        RuleChange(name: name, when: when, to: to, tag: tag, enabled: enabled.map { $0 == .on })
    }
}

struct RuleOrdering: ParsableArguments {
    @OptionGroup var dryRun: DryRunOption
    @Argument(help: "All rules, the first first: names, ids, or the beginnings of ids.") var rules: [String]
}

struct RuleDeletion: ParsableArguments {
    @OptionGroup var dryRun: DryRunOption
    @OptionGroup var revision: RevisionOption
    @Argument(help: .rule) var rule: String
}
