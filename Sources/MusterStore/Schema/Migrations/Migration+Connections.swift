extension Migration {
    /// Why devices are away, and the history of their connections.
    ///
    /// `absence` and its columns: see `Absence+Columns`. One row of `device_connection` stands for one connection or refusal, or for a run of like ones
    /// (`count`): `opened` is the beginning of the first, `closed` the end of the last, empty while it is open. Its device is not a foreign
    /// key: rows come from memory, where there are only devices of the table, and one that was wrong must not keep the others from
    /// being written.
    static let connections = Migration(
        name: "0004-connections",
        template: """
            ALTER TABLE device ADD COLUMN last_closed {int};
            ALTER TABLE device ADD COLUMN absence {text};
            ALTER TABLE device ADD COLUMN absence_reason {text};
            ALTER TABLE device ADD COLUMN absence_since {int};

            CREATE TABLE device_connection (
                number {int} PRIMARY KEY,
                device {id} NOT NULL,
                refused {int} NOT NULL CHECK (refused IN (0, 1)),
                count {int} NOT NULL CHECK (count > 0),
                opened {int} NOT NULL,
                closed {int},
                address {text} NOT NULL,
                hello {text} NOT NULL,
                reason {text},
                text {text} NOT NULL,
                documents {int} NOT NULL,
                events {int} NOT NULL
            ) {strict};
            CREATE INDEX device_connection_by_device ON device_connection (device, number);
            CREATE INDEX device_connection_refused ON device_connection (device, number) WHERE refused = 1;
            CREATE INDEX device_connection_by_end ON device_connection (closed);
            """)
}
