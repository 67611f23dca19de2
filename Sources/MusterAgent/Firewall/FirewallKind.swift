/// One kind of firewall a device may have. Calls run its program and wait for it.
protocol FirewallKind: Sendable {
    var kind: FirewallState.Kind { get }
    /// It is in force on this device now.
    func isInForce() async -> Bool
    /// Nil when it does not say.
    func isOpen(_ port: UInt16) async -> Bool?
    /// Lets the UDP port through, and nothing else; marked as the agent's own where the firewall has marks.
    /// - Returns: what went wrong; nil when it is done.
    func open(_ port: UInt16) async -> String?
    /// Takes away what `open` did, and nothing else. It may be gone already.
    func close(_ port: UInt16) async -> String?
}

extension SystemProgram.Output? {
    /// What went wrong, in a line; nil when nothing did.
    func failure(of what: String) -> String? {
        guard let output = self else { return "\(what) did not run, or did not end in time" }
        guard !output.isSuccess else { return nil }
        let said = (output.error.isEmpty ? output.text : output.error).split(whereSeparator: \.isNewline).first ?? "no reason"
        return "\(what) failed: \(said.prefix(200))"
    }
}
