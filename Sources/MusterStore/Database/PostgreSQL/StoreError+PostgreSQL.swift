extension StoreError {
    /// - Parameters:
    ///   - state: SQLSTATE, five characters; nil when the server said nothing.
    ///   - message: as libpq has it; it names no password.
    static func postgresql(state: String?, message: String) -> Self {
        let text = message.split(separator: "\n").first.map(String.init) ?? "no answer"
        return Self(code(state: state), "\(text) (PostgreSQL \(state ?? "connection"))")
    }

    /// A PostgreSQL that failed on its own disk looks after itself: to this side it is away.
    private static func code(state: String?) -> Code {
        guard let state else { return .unavailable }
        if state == "53100" { return .full }
        switch state.prefix(2) {
        case "08", "53", "57", "58", "40", "XX": return .unavailable
        case "23": return .conflict
        default: return .statement
        }
    }
}
