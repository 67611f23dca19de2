/// firewalld: opened in what runs now and in what it starts with, in its default zone.
struct Firewalld: FirewallKind {
    let program: SystemProgram

    var kind: FirewallState.Kind { .firewalld }

    func isInForce() async -> Bool { await program.run("firewall-cmd", ["--state"])?.isSuccess ?? false }

    func isOpen(_ port: UInt16) async -> Bool? {
        guard let output = await program.run("firewall-cmd", ["--query-port=\(port)/udp"]) else { return nil }
        // 1 is its "no"; everything else went wrong.
        return output.status == 0 ? true : output.status == 1 ? false : nil
    }

    func open(_ port: UInt16) async -> String? { await both("--add-port=\(port)/udp") }
    func close(_ port: UInt16) async -> String? { await both("--remove-port=\(port)/udp") }

    private func both(_ change: String) async -> String? {
        let running = await program.run("firewall-cmd", [change]).failure(of: "firewall-cmd \(change)")
        let kept = await program.run("firewall-cmd", ["--permanent", change]).failure(of: "firewall-cmd --permanent \(change)")
        return running ?? kept
    }
}
