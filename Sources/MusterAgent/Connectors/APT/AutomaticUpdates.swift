import MusterModel

/// Whether the device installs updates by itself, as apt's configuration says: its timers do it with the program `unattended-upgrade`, which
/// takes security updates unless its own configuration says otherwise. Set in a file of the agent's own; the owner's files stay.
enum AutomaticUpdates {
    /// Read after Debian's own files, and before what the owner names later.
    static let file = "52muster"
    static let program = "unattended-upgrade"
    /// Of `apt-config dump`.
    static let key = "APT::Periodic::Unattended-Upgrade"

    /// - Parameter dump: lines `KEY VALUE`.
    static func isOn(_ dump: String) -> Bool {
        // Days between two times; 0 or nothing: never. apt takes `always` as well.
        let line = dump.split(whereSeparator: \.isNewline).last { $0.hasPrefix(key + " ") }
        let value = line?.dropFirst(key.count + 1) ?? ""
        return !value.isEmpty && value != "0"
    }

    static func text(isOn: Bool) -> String {
        """
        // Written by the Muster agent for a policy of its server; changes here are overwritten.
        APT::Periodic::Update-Package-Lists "1";
        \(key) "\(isOn ? 1 : 0)";

        """
    }
}
