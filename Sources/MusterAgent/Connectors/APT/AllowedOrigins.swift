import MusterModel

/// Where automatic updates may come from, as the configuration of `unattended-upgrade` says it in two lists. Set in a file of the agent's own that
/// empties both and names labels and suites; the owner's files stay.
enum AllowedOrigins {
    /// Read after `50unattended-upgrades`.
    static let file = "52muster-origins"
    /// Of `apt-config dump`: what stands below it.
    static let key = "Unattended-Upgrade"

    private static let patterns = "Unattended-Upgrade::Origins-Pattern"
    private static let pairs = "Unattended-Upgrade::Allowed-Origins"

    /// - Parameter dump: lines `KEY VALUE`.
    /// - Returns: as the setting has them; what it cannot say stays as it is written there.
    static func named(in dump: String) -> [String] {
        dump.split(whereSeparator: \.isNewline).compactMap { line in
            for list in [patterns, pairs] where line.hasPrefix(list + ":: ") {
                let text = String(line.dropFirst(list.count + 3))
                return list == patterns ? origin(text)?.description ?? text : "ORIGIN:SUITE " + text
            }
            return nil
        }
    }

    /// `label=LABEL` or `label=LABEL,archive=SUITE`.
    private static func origin(_ pattern: String) -> PackageOrigin? {
        let parts = pattern.split(separator: ",", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts[0].hasPrefix("label=") else { return nil }
        let label = parts[0].dropFirst("label=".count)
        if parts.count == 1 { return PackageOrigin(String(label)) }
        return parts[1].hasPrefix("archive=") ? PackageOrigin("\(label):\(parts[1].dropFirst("archive=".count))") : nil
    }

    static func text(_ origins: [String]) -> String {
        let lines = origins.compactMap { PackageOrigin($0) }.map { origin in
            "\(patterns):: \"label=\(origin.label)\(origin.suite.map { ",archive=\($0)" } ?? "")\";\n"
        }
        return """
            // Written by the Muster agent for a policy of its server; changes here are overwritten.
            #clear \(patterns);
            #clear \(pairs);

            """ + lines.joined()
    }
}
