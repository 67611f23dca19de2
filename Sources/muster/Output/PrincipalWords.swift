/// Who did something, as people read it.
enum PrincipalWords {
    /// `ci (0b6f…)` of an API token: its name alone would not tell it from another of that name.
    /// - Parameter principal: a kind and an id, as the API has it.
    static func text(_ principal: String, _ name: String?) -> String {
        let token = "api-token "
        guard principal.hasPrefix(token) else { return principal.hasPrefix("system") ? "muster-server" : principal }
        return Shown.named(name, principal.dropFirst(token.count))
    }
}
