import MusterModel

extension Migration {
    /// Administration groups, where devices are placed, tags, rules and selections.
    ///
    /// `device.placement`: 0 automatic, 1 fixed in `group_id` (NULL: *Unassigned*). With `approval` = 1 a device stays in *Unassigned* until
    /// it is 0, then the other two hold. `device_rule.kind` is `RuleKind`. Of a token or package `tags` have commas between them.
    static let groups = Migration(
        name: "0011-groups", template: groupTables + placement + rules,
        then: { connection, now throws(StoreError) in
            try connection.run(
                "INSERT INTO device_group (id, parent, name, revision, created, changed) VALUES ($1, NULL, $2, 1, $3, $3)",
                [.id(GroupID.root), .text("Managed devices"), .time(now)])
        })

    private static let groupTables = """
        CREATE TABLE device_group (
            id {id} PRIMARY KEY CHECK (length(id) = 16),
            parent {id} REFERENCES device_group (id),
            name {text} NOT NULL,
            revision {int} NOT NULL,
            created {int} NOT NULL,
            changed {int} NOT NULL
        ) {strict};
        CREATE UNIQUE INDEX device_group_by_name ON device_group (parent, name);

        """

    private static let placement = """
        ALTER TABLE device ADD COLUMN group_id {id} REFERENCES device_group (id);
        ALTER TABLE device ADD COLUMN placement {int} NOT NULL DEFAULT 0 CHECK (placement IN (0, 1));
        ALTER TABLE device ADD COLUMN approval {int} NOT NULL DEFAULT 0 CHECK (approval IN (0, 1));
        CREATE INDEX device_by_group ON device (group_id) WHERE group_id IS NOT NULL;

        CREATE TABLE device_tag (
            device {id} NOT NULL REFERENCES device (id),
            tag {text} NOT NULL,
            PRIMARY KEY (device, tag)
        ) {keyed};

        ALTER TABLE enrolment_token ADD COLUMN group_id {id} REFERENCES device_group (id);
        ALTER TABLE enrolment_token ADD COLUMN tags {text} NOT NULL DEFAULT '';
        ALTER TABLE enrolment_token ADD COLUMN approval {int} NOT NULL DEFAULT 0 CHECK (approval IN (0, 1));
        ALTER TABLE installation_package ADD COLUMN group_id {id} REFERENCES device_group (id);
        ALTER TABLE installation_package ADD COLUMN tags {text} NOT NULL DEFAULT '';
        ALTER TABLE installation_package ADD COLUMN approval {int} NOT NULL DEFAULT 0 CHECK (approval IN (0, 1));
        CREATE INDEX enrolment_token_by_group ON enrolment_token (group_id) WHERE group_id IS NOT NULL;

        """

    private static let rules = """
        CREATE TABLE device_rule (
            id {id} PRIMARY KEY CHECK (length(id) = 16),
            kind {int} NOT NULL CHECK (kind IN (1, 2)),
            position {int} NOT NULL,
            name {text} NOT NULL,
            expression {text} NOT NULL,
            group_id {id} REFERENCES device_group (id),
            tag {text},
            enabled {int} NOT NULL CHECK (enabled IN (0, 1)),
            revision {int} NOT NULL,
            CHECK ((kind = 2) = (tag IS NOT NULL))
        ) {strict};
        CREATE INDEX device_rule_by_position ON device_rule (kind, position);

        CREATE TABLE device_selection (
            id {id} PRIMARY KEY CHECK (length(id) = 16),
            name {text} NOT NULL UNIQUE,
            expression {text} NOT NULL,
            revision {int} NOT NULL,
            created {int} NOT NULL,
            changed {int} NOT NULL
        ) {strict};
        """
}
