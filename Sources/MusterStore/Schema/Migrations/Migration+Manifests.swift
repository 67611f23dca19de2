extension Migration {
    /// Manifests of applications that are not built in, as devices brought them, and what administrators decided of them.
    ///
    /// `decision`: 0 none yet, 1 accepted, 2 rejected. `device` brought it first. Two manifests of the same id and version are two rows.
    static let manifests = Migration(
        name: "0016-manifests",
        template: """
            CREATE TABLE manifest (
                digest {bytes} PRIMARY KEY CHECK (length(digest) = 16),
                application {text} NOT NULL,
                version {text} NOT NULL,
                body {bytes} NOT NULL,
                device {id} NOT NULL,
                first_seen {int} NOT NULL,
                decision {int} NOT NULL CHECK (decision BETWEEN 0 AND 2),
                decided {int},
                principal_kind {text},
                principal {text}
            ) {strict};
            CREATE INDEX manifest_by_decision ON manifest (decision, decided);

            CREATE TABLE device_manifest (
                device {id} NOT NULL REFERENCES device (id),
                application {text} NOT NULL,
                digest {bytes} NOT NULL,
                PRIMARY KEY (device, application)
            ) {keyed};
            CREATE INDEX device_manifest_by_digest ON device_manifest (digest);

            """)
}
