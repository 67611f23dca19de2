extension Migration {
    /// Devices and how they are known, what they report, their events, tokens, settings and the audit trail.
    ///
    /// Numbers that are unsigned elsewhere (epochs, sequences, run ids) keep their bits and are compared for equality only.
    static let foundation = Migration(
        name: "0001-foundation", template: devices + enrolment + documents + events + administration)

    /// `deleted` makes a tombstone: the row stays, so that its certificates are known to be refused.
    private static let devices = """
        CREATE TABLE device (
            id {id} PRIMARY KEY CHECK (length(id) = 16),
            name {text} NOT NULL,
            revision {int} NOT NULL,
            created {int} NOT NULL,
            deleted {int},
            last_session {int} NOT NULL,
            last_connection {int},
            last_synchronization {int},
            next_synchronization {int},
            last_address {text},
            run_id {int},
            host_name {text},
            agent_version {text},
            operating_system {text}
        ) {keyed};
        CREATE INDEX device_by_name ON device (name, id) WHERE deleted IS NULL;

        CREATE TABLE certificate (
            fingerprint {bytes} PRIMARY KEY CHECK (length(fingerprint) = 32),
            device {id} NOT NULL REFERENCES device (id),
            public_key {bytes} NOT NULL CHECK (length(public_key) = 32),
            generation {int} NOT NULL,
            not_before {int} NOT NULL,
            not_after {int} NOT NULL,
            used {int} NOT NULL CHECK (used IN (0, 1)),
            revoked {int} NOT NULL CHECK (revoked IN (0, 1)),
            der {bytes} NOT NULL,
            UNIQUE (device, generation)
        ) {strict};
        CREATE INDEX certificate_by_public_key ON certificate (public_key, device);

        """

    private static let enrolment = """
        CREATE TABLE enrolment_token (
            id {id} PRIMARY KEY CHECK (length(id) = 16),
            name {text} NOT NULL,
            secret_hash {bytes} NOT NULL CHECK (length(secret_hash) = 32),
            created {int} NOT NULL,
            expires {int} NOT NULL,
            maximum_uses {int} CHECK (maximum_uses > 0),
            uses {int} NOT NULL CHECK (uses >= 0),
            revoked {int}
        ) {strict};

        CREATE TABLE enrolment (
            token {id} NOT NULL REFERENCES enrolment_token (id),
            public_key {bytes} NOT NULL,
            device {id} NOT NULL REFERENCES device (id),
            certificate {bytes} NOT NULL REFERENCES certificate (fingerprint),
            enrolled {int} NOT NULL,
            PRIMARY KEY (token, public_key)
        ) {strict};

        """

    /// `name` of a document is the number of its `DocumentName`.
    private static let documents = """
        CREATE TABLE document (
            device {id} NOT NULL REFERENCES device (id),
            name {int} NOT NULL,
            session {int} NOT NULL,
            digest {bytes} NOT NULL CHECK (length(digest) = 16),
            body {bytes} NOT NULL,
            updated {int} NOT NULL,
            PRIMARY KEY (device, name)
        ) {strict};

        CREATE TABLE installed_item (
            number {number},
            source {text} NOT NULL,
            name {text} NOT NULL,
            architecture {text} NOT NULL,
            version {text} NOT NULL,
            size {int} NOT NULL,
            version_key {bytes} NOT NULL,
            UNIQUE (source, name, architecture, version, size)
        ) {strict};
        CREATE INDEX installed_item_by_version ON installed_item (name, source, version_key, number);

        CREATE TABLE device_installed (
            device {id} NOT NULL REFERENCES device (id),
            item {int} NOT NULL REFERENCES installed_item (number),
            first_seen {int} NOT NULL,
            PRIMARY KEY (device, item)
        ) {keyed};
        CREATE INDEX device_installed_by_item ON device_installed (item, device);

        """

    /// An event's device is not a foreign key: `event_position`, changed in the same transaction, is one already. The server's own events
    /// have epoch 0 and sequence 0. A stamp tells an event from any other that ever had its number; 0: not known.
    private static let events = """
        CREATE TABLE counter (name {text} PRIMARY KEY, value {int} NOT NULL) {keyed};
        INSERT INTO counter (name, value) VALUES ('event', 0);

        CREATE TABLE event_position (
            device {id} NOT NULL REFERENCES device (id),
            epoch {int} NOT NULL,
            last {int} NOT NULL,
            stamp {int} NOT NULL,
            touched {int} NOT NULL,
            PRIMARY KEY (device, epoch)
        ) {keyed};

        CREATE TABLE event (
            position {int} PRIMARY KEY,
            device {id},
            epoch {int} NOT NULL,
            sequence {int} NOT NULL,
            count {int} NOT NULL,
            stamp {int} NOT NULL,
            type {text} NOT NULL,
            severity {int} NOT NULL CHECK (severity BETWEEN 1 AND 4),
            text {text} NOT NULL,
            parameters {text} NOT NULL,
            occurred {int} NOT NULL,
            occurred_raw {int} NOT NULL,
            received {int} NOT NULL
        ) {strict};
        CREATE UNIQUE INDEX event_by_sequence ON event (device, epoch, sequence) WHERE epoch <> 0;
        CREATE INDEX event_by_device ON event (device, position);

        -- Where events stood before roll-backs of their device: a copy that is put back twice knows them by these places alone.
        CREATE TABLE event_former (
            device {id} NOT NULL,
            epoch {int} NOT NULL,
            sequence {int} NOT NULL,
            stamp {int} NOT NULL,
            position {int} NOT NULL,
            PRIMARY KEY (device, epoch, sequence, stamp)
        ) {keyed};
        CREATE INDEX event_notable ON event (position) WHERE severity >= 2;

        """

    private static let administration = """
        CREATE TABLE setting (name {text} PRIMARY KEY, value {text} NOT NULL, revision {int} NOT NULL) {keyed};

        CREATE TABLE api_token (
            id {id} PRIMARY KEY CHECK (length(id) = 16),
            name {text} NOT NULL,
            role {text} NOT NULL,
            secret_hash {bytes} NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
            created {int} NOT NULL,
            expires {int} NOT NULL,
            revoked {int}
        ) {strict};

        CREATE TABLE audit (
            number {number},
            at {int} NOT NULL,
            principal_kind {text} NOT NULL,
            principal {text} NOT NULL,
            action {text} NOT NULL,
            object_kind {text} NOT NULL,
            object {text} NOT NULL,
            details {text} NOT NULL
        ) {strict};
        """
}
