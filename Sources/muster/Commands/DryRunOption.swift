import ArgumentParser

/// What a change would do, before it is made.
struct DryRunOption: ParsableArguments {
    @Flag(help: "Say what it would do, and do nothing.") var dryRun = false

    var query: [(name: String, value: String)] { dryRun ? [("dryRun", "true")] : [] }
}
