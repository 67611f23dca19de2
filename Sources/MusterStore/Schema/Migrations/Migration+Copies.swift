extension Migration {
    /// What tells a copied device: its last runs, 8 bytes each, big-endian, in the order in which they were first seen; the highest session
    /// number it has shown to have kept; since when two of it are known to be there; until when copies get an identity of their own.
    static let copies = Migration(
        name: "0008-copies",
        template: """
            ALTER TABLE device ADD COLUMN runs {bytes};
            ALTER TABLE device ADD COLUMN proven_session {int};
            ALTER TABLE device ADD COLUMN copied_since {int};
            ALTER TABLE device ADD COLUMN split_until {int};
            CREATE INDEX device_copied ON device (copied_since) WHERE copied_since IS NOT NULL;
            """)
}
