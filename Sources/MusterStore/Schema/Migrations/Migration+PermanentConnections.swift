extension Migration {
    /// Which devices are ticked *Do not disconnect*, and what is set for one device alone.
    ///
    /// `permanent_since` is when the box was ticked; it is not in force before the first synchronization completed after that. A device's own
    /// settings are names and numbers (`DeviceSettings.values`).
    static let permanentConnections = Migration(
        name: "0002-permanent-connections",
        template: """
            ALTER TABLE device ADD COLUMN permanent_since {int};
            CREATE INDEX device_permanent ON device (id) WHERE permanent_since IS NOT NULL AND deleted IS NULL;

            CREATE TABLE device_setting (
                device {id} NOT NULL REFERENCES device (id),
                name {text} NOT NULL,
                value {int} NOT NULL,
                PRIMARY KEY (device, name)
            ) {keyed};
            """)
}
