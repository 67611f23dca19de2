import MusterModel

extension Migration {
    /// Policies with their revisions, the values set for one device alone, and what devices say of their managed applications.
    ///
    /// `content` and `value` are JSON of `PolicyContent` and `ManagedValue`. Revisions outlive their policy. What was a device's own setting is
    /// a value of the application `network-agent` from here on.
    static let policies = Migration(name: "0012-policies", template: policyTables + deviceValues + deviceApplications)

    private static let policyTables = """
        CREATE TABLE policy (
            id {id} PRIMARY KEY CHECK (length(id) = 16),
            application {text} NOT NULL,
            group_id {id} NOT NULL REFERENCES device_group (id),
            name {text} NOT NULL,
            active {int} NOT NULL CHECK (active IN (0, 1)),
            revision {int} NOT NULL,
            content {text} NOT NULL,
            created {int} NOT NULL,
            changed {int} NOT NULL
        ) {strict};
        CREATE UNIQUE INDEX policy_active ON policy (group_id, application) WHERE active = 1;
        CREATE INDEX policy_by_group ON policy (group_id);

        CREATE TABLE policy_revision (
            policy {id} NOT NULL,
            revision {int} NOT NULL,
            at {int} NOT NULL,
            principal_kind {text} NOT NULL,
            principal {text} NOT NULL,
            change {text} NOT NULL,
            name {text} NOT NULL,
            active {int} NOT NULL CHECK (active IN (0, 1)),
            content {text} NOT NULL,
            PRIMARY KEY (policy, revision)
        ) {strict};
        CREATE INDEX policy_revision_by_time ON policy_revision (at);

        """

    private static let deviceValues = """
        CREATE TABLE device_value (
            device {id} NOT NULL REFERENCES device (id),
            application {text} NOT NULL,
            key {text} NOT NULL,
            value {text} NOT NULL,
            PRIMARY KEY (device, application, key)
        ) {keyed};
        INSERT INTO device_value (device, application, key, value)
            SELECT device, 'network-agent', name, CASE name
                WHEN 'sync-interval' THEN '{"milliseconds":' || CAST(value AS TEXT) || '}'
                WHEN 'request-port' THEN CAST(value AS TEXT)
                ELSE CASE value WHEN 0 THEN 'false' ELSE 'true' END END
            FROM device_setting WHERE name IN ('sync-interval', 'request-port', 'connection-requests', 'firewall');
        DROP TABLE device_setting;

        """

    private static let deviceApplications = """
        CREATE TABLE device_application (
            device {id} NOT NULL REFERENCES device (id),
            application {text} NOT NULL,
            version {text} NOT NULL,
            state {int} NOT NULL,
            settings {bytes},
            outcome {int} NOT NULL CHECK (outcome BETWEEN 0 AND 2),
            code {text} NOT NULL,
            text {text} NOT NULL,
            changed_locally {text} NOT NULL,
            restricted {text} NOT NULL,
            problems {text} NOT NULL,
            facts {text} NOT NULL,
            updated {int} NOT NULL,
            PRIMARY KEY (device, application)
        ) {strict};
        """
}
