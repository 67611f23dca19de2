/// The tables of `agent.db`. Written once, changed only by appending to `steps`: a database knows how many it has (`user_version`).
enum AgentSchema {
    /// Says "this is a Muster agent's database" in the file's header: "MusA".
    static let applicationID: Int64 = 0x4d75_7341

    static let tables = [
        "value", "server_address", "pin", "document", "spool", "spool_state", "action", "application", "run", "task",
    ]

    static let steps = [
        """
        -- Single facts by name; a fact that is not known has no row.
        CREATE TABLE value (name TEXT PRIMARY KEY, content ANY NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE server_address (
            position INTEGER PRIMARY KEY, host TEXT NOT NULL, port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535)
        ) STRICT;

        CREATE TABLE pin (
            position INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL UNIQUE CHECK (length(fingerprint) = 32)
        ) STRICT;

        -- role: 1 as it is on this device, 2 as the server acknowledged it last, 3 held for the server.
        CREATE TABLE document (
            document INTEGER NOT NULL, role INTEGER NOT NULL CHECK (role IN (1, 2, 3)),
            digest BLOB NOT NULL CHECK (length(digest) = 16), body BLOB NOT NULL,
            PRIMARY KEY (document, role)
        ) STRICT;

        -- A row is an event (severity 1–4, count 1) or a gap (severity 0). Rows follow each other without holes. formerly: per place
        -- where it stood before a roll-back 8 bytes of epoch and 8 of number.
        CREATE TABLE spool (
            first INTEGER PRIMARY KEY CHECK (first >= 1), count INTEGER NOT NULL CHECK (count >= 1),
            severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 4), occurred INTEGER NOT NULL,
            stamp INTEGER NOT NULL, formerly BLOB NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX spool_by_severity ON spool (severity, first);

        -- One row: the spool's epoch, the number the next event gets, totals over the events held (gaps not counted), and the stamp of
        -- the last one deleted (0: not known).
        CREATE TABLE spool_state (
            id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, next INTEGER NOT NULL CHECK (next >= 1),
            events INTEGER NOT NULL CHECK (events >= 0), bytes INTEGER NOT NULL CHECK (bytes >= 0), deleted_stamp INTEGER NOT NULL
        ) STRICT;
        """,
        """
        -- Actions that were accepted and whose end the server does not know to be stored. progress as in ActionProgress.
        CREATE TABLE action (
            id BLOB PRIMARY KEY CHECK (length(id) = 16), kind INTEGER NOT NULL, progress INTEGER NOT NULL,
            code TEXT NOT NULL, text TEXT NOT NULL, time INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
        """
        -- Settings of managed applications: the digest of those tried last, why that failed (an empty code: it did not), and the last good
        -- ones, as items of the document `settings`.
        CREATE TABLE application (
            application TEXT PRIMARY KEY, settings BLOB NOT NULL CHECK (length(settings) = 16),
            code TEXT NOT NULL, text TEXT NOT NULL, applied BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
        """
        -- Runs of tasks. phase: 1 to be begun, 2 began, 3 ended. task: as an action carries it. events: how many bytes of the folder's events
        -- were raised. output: 1 while the server does not have it.
        CREATE TABLE run (
            id BLOB PRIMARY KEY CHECK (length(id) = 16), task BLOB NOT NULL, task_id BLOB NOT NULL CHECK (length(task_id) = 16),
            phase INTEGER NOT NULL CHECK (phase IN (1, 2, 3)), scheduled INTEGER NOT NULL CHECK (scheduled IN (0, 1)),
            stop INTEGER NOT NULL CHECK (stop IN (0, 1)), accepted INTEGER NOT NULL, started INTEGER, ended INTEGER, result TEXT,
            events INTEGER NOT NULL CHECK (events >= 0), output INTEGER NOT NULL CHECK (output IN (0, 1))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX run_by_phase ON run (phase, accepted);

        -- Where a schedule stands: since when the task is as it is, and until when its planned times were begun or given up.
        CREATE TABLE task (
            id BLOB PRIMARY KEY CHECK (length(id) = 16), revision INTEGER NOT NULL, since INTEGER NOT NULL, settled INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
    ]
}
