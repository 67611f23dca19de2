/// As one text: addresses with a space between them, the proxy on a line of its own. For files and tables that are secret themselves.
extension ConnectionSettings {
    package var text: String {
        servers.map(\.description).joined(separator: " ") + (proxy.map { "\n" + $0.url } ?? "")
    }

    /// Nil when a part is not understood.
    package init?(text: String) {
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ")
        let servers = words.compactMap { ServerAddress(String($0)) }
        guard servers.count == words.count else { return nil }
        guard lines.count > 1 else {
            self.init(servers: servers)
            return
        }
        guard let proxy = ProxyAddress(String(lines[1])) else { return nil }
        self.init(servers: servers, proxy: proxy)
    }
}
