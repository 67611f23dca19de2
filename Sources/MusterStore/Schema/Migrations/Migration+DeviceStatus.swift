extension Migration {
    /// How devices were when the server was last there, so that a restart makes none better or worse: the level of a device's status (`ok`,
    /// `warning`, `critical`), since when, the one before; and what it measured last: free disk in per cent, its clock's offset in ms.
    static let deviceStatus = Migration(
        name: "0014-device-status",
        template: """
            ALTER TABLE device ADD COLUMN status {text};
            ALTER TABLE device ADD COLUMN status_since {int};
            ALTER TABLE device ADD COLUMN status_before {text};
            ALTER TABLE device ADD COLUMN disk_free {int};
            ALTER TABLE device ADD COLUMN clock_offset {int};
            """)
}
