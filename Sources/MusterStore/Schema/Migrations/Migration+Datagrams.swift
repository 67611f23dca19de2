extension Migration {
    /// What connection requests go by: the UDP port and the addresses a device reports in its document `system`, and when one last got through.
    static let datagrams = Migration(
        name: "0007-datagrams",
        template: """
            ALTER TABLE device ADD COLUMN udp_port {int};
            ALTER TABLE device ADD COLUMN addresses {text};
            ALTER TABLE device ADD COLUMN request_got_through {int};
            """)
}
