/// ufw, the one of Ubuntu: rules are kept by it across restarts, in order, the first that fits counts.
struct UFW: FirewallKind {
    let program: SystemProgram

    var kind: FirewallState.Kind { .ufw }

    func isInForce() async -> Bool { await status().map { $0.contains("Status: active") } ?? false }

    func isOpen(_ port: UInt16) async -> Bool? { await status().map { Self.isOpen(port, by: $0) } }

    func open(_ port: UInt16) async -> String? {
        await program.run("ufw", ["allow", "\(port)/udp", "comment", "muster-agent"], within: .seconds(30)).failure(
            of: "ufw allow")
    }

    func close(_ port: UInt16) async -> String? {
        await program.run("ufw", ["delete", "allow", "\(port)/udp"], within: .seconds(30)).failure(of: "ufw delete")
    }

    private func status() async -> String? {
        let output = await program.run("ufw", ["status", "verbose"])
        return output.flatMap { $0.isSuccess ? $0.text : nil }
    }

    /// Columns *To*, *Action*, *From*; rules for one address or interface say nothing of the server's.
    static func isOpen(_ port: UInt16, by status: String) -> Bool {
        for line in status.split(whereSeparator: \.isNewline) {
            let rule = line.prefix { $0 != "#" }
            let words = rule.split(whereSeparator: \.isWhitespace).filter { $0 != "(v6)" }
            guard words.count == 4, words[2] == "IN", words[3] == "Anywhere", fits(words[0], port) else { continue }
            return ["ALLOW", "LIMIT"].contains(words[1])
        }
        return status.contains("Default: allow (incoming)")
    }

    /// `15000/udp`, `15000`, `15000:15010/udp`, `Anywhere`.
    private static func fits(_ target: Substring, _ port: UInt16) -> Bool {
        if target == "Anywhere" { return true }
        let parts = target.split(separator: "/")
        guard parts.count == 1 || (parts.count == 2 && parts[1] == "udp"), let ports = parts.first else { return false }
        return ports.split(separator: ",").contains { text in
            let ends = text.split(separator: ":").compactMap { UInt16($0) }
            return ends.count == 1 ? ends[0] == port : ends.count == 2 && ends[0] <= port && port <= ends[1]
        }
    }
}
