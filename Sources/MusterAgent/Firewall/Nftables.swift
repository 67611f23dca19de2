import FoundationEssentials

/// nftables without a program over it: every input chain that drops what no rule accepts gets a rule of ours at its top, marked by its
/// comment. Such rules live in the kernel alone: after the ruleset was loaded anew the agent puts its own back at its next look, within 11 minutes.
struct Nftables: FirewallKind {
    /// Marks what is the agent's own.
    static let comment = "muster-agent"

    let program: SystemProgram

    var kind: FirewallState.Kind { .nftables }

    func isInForce() async -> Bool { await ruleset().map { !$0.droppingChains.isEmpty } ?? false }

    func isOpen(_ port: UInt16) async -> Bool? {
        await ruleset().map { rules in rules.droppingChains.allSatisfy { rules.isOpen(port, in: $0) } }
    }

    func open(_ port: UInt16) async -> String? {
        guard let rules = await ruleset() else { return "nft does not show its ruleset" }
        for chain in rules.droppingChains where !rules.isOpen(port, in: chain) {
            let rule = ["udp", "dport", "\(port)", "counter", "accept", "comment", "\"\(Self.comment)\""]
            let failure = await program.run("nft", ["insert", "rule"] + chain.words + rule).failure(of: "nft insert rule")
            if let failure { return failure }
        }
        return nil
    }

    func close(_ port: UInt16) async -> String? {
        guard let rules = await ruleset() else { return "nft does not show its ruleset" }
        for rule in rules.rules where rule.comment == Self.comment && rule.acceptedPorts.contains(port) {
            let words = ["delete", "rule"] + rule.chain.words + ["handle", "\(rule.handle)"]
            if let failure = await program.run("nft", words).failure(of: "nft delete rule") { return failure }
        }
        return nil
    }

    private func ruleset() async -> NftablesRuleset? {
        guard let output = await program.run("nft", ["-j", "list", "ruleset"]), output.isSuccess else { return nil }
        return NftablesRuleset(json: output.text)
    }
}

/// As much of a ruleset as decides whether a UDP port gets through.
struct NftablesRuleset: Sendable {
    struct Chain: Hashable, Sendable {
        let family: String
        let table: String
        let name: String

        /// As `nft` takes them: names are quoted by nobody, they hold letters, digits and a few signs.
        var words: [String] { [family, table, name] }
    }

    struct Rule: Sendable {
        let chain: Chain
        let handle: Int
        let comment: String?
        /// UDP ports that it accepts from everywhere; empty when it is a rule of another form.
        let acceptedPorts: [UInt16]
    }

    /// Base chains of the input hook, of a family that IP passes, that drop what no rule decided: by their policy, or by a last rule that
    /// drops or rejects everything. One in a chain jumped to is not seen.
    let droppingChains: [Chain]
    let rules: [Rule]

    init?(json: String) {
        guard let document = try? JSONDecoder().decode(NftablesJSON.self, from: Data(json.utf8)) else { return nil }
        let chains = document.nftables.compactMap(\.chain)
        let closed = Set(document.nftables.compactMap(\.rule).filter(\.refusesEverything).map(Self.chain(of:)))
        droppingChains = chains.filter { $0.hook == "input" && ["inet", "ip", "ip6"].contains($0.family) }
            .map { (chain: Chain(family: $0.family, table: $0.table, name: $0.name), policy: $0.policy) }
            .filter { $0.policy == "drop" || closed.contains($0.chain) }.map(\.chain)
        rules = document.nftables.compactMap(\.rule).map { rule in
            Rule(
                chain: Self.chain(of: rule), handle: rule.handle, comment: rule.comment, acceptedPorts: rule.acceptedUDPPorts)
        }
    }

    private static func chain(of rule: NftablesJSON.Rule) -> Chain {
        Chain(family: rule.family, table: rule.table, name: rule.chain)
    }

    /// A rule of the administrator's in another form (sets, jumps) is not seen: then one of ours stands beside it, which does no harm.
    func isOpen(_ port: UInt16, in chain: Chain) -> Bool {
        rules.contains { $0.chain == chain && $0.acceptedPorts.contains(port) }
    }
}
