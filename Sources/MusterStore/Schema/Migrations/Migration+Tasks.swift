extension Migration {
    /// Tasks with their revisions, runs with their outputs, and whom each account or token reached within the last hour.
    ///
    /// `content` is JSON of `TaskContent`; `state` is `RunState`. A run that was ordered has the id of its action and outlives it. What an
    /// action is about (`subject`) is text of `ActionSubject`.
    static let tasks = Migration(name: "0015-tasks", template: taskTables + runTables + reach)

    private static let taskTables = """
        CREATE TABLE task (
            id {id} PRIMARY KEY CHECK (length(id) = 16),
            application {text} NOT NULL,
            type {text} NOT NULL,
            name {text} NOT NULL,
            content {text} NOT NULL,
            revision {int} NOT NULL,
            created {int} NOT NULL,
            changed {int} NOT NULL,
            deleted {int}
        ) {strict};

        CREATE TABLE task_revision (
            task {id} NOT NULL REFERENCES task (id),
            revision {int} NOT NULL,
            at {int} NOT NULL,
            principal_kind {text} NOT NULL,
            principal {text} NOT NULL,
            change {text} NOT NULL,
            name {text} NOT NULL,
            content {text} NOT NULL,
            PRIMARY KEY (task, revision)
        ) {strict};
        CREATE INDEX task_revision_by_time ON task_revision (at);

        ALTER TABLE action_order ADD COLUMN subject {text} NOT NULL DEFAULT '';
        ALTER TABLE action ADD COLUMN subject {text} NOT NULL DEFAULT '';
        DROP INDEX action_waiting;
        CREATE UNIQUE INDEX action_waiting ON action (device, kind, subject) WHERE progress <= 2;

        """

    private static let runTables = """
        CREATE TABLE task_run (
            id {id} PRIMARY KEY CHECK (length(id) = 16),
            task {id} NOT NULL REFERENCES task (id),
            revision {int} NOT NULL,
            device {id} NOT NULL REFERENCES device (id),
            action_order {id},
            principal_kind {text},
            principal {text},
            state {int} NOT NULL CHECK (state BETWEEN 1 AND 11),
            created {int} NOT NULL,
            started {int},
            ended {int},
            exit_code {int},
            code {text} NOT NULL,
            text {text} NOT NULL,
            duration {int},
            output_bytes {int} NOT NULL,
            figures {text} NOT NULL
        ) {strict};
        CREATE INDEX task_run_by_time ON task_run (created, id);
        CREATE INDEX task_run_by_task ON task_run (task, created, id);
        CREATE INDEX task_run_by_device ON task_run (device, created, id);
        CREATE INDEX task_run_by_both ON task_run (device, task, created, id);
        CREATE INDEX task_run_waiting ON task_run (device) WHERE state <= 3;

        CREATE TABLE run_output (
            run {id} PRIMARY KEY REFERENCES task_run (id) ON DELETE CASCADE,
            bytes {bytes} NOT NULL,
            total {int} NOT NULL,
            cut {int}
        ) {strict};

        """

    private static let reach = """
        CREATE TABLE reach_use (
            principal_kind {text} NOT NULL,
            principal {text} NOT NULL,
            device {id} NOT NULL,
            at {int} NOT NULL,
            PRIMARY KEY (principal_kind, principal, device)
        ) {keyed};
        CREATE INDEX reach_use_by_time ON reach_use (at);
        ALTER TABLE api_token ADD COLUMN reach {int} NOT NULL DEFAULT 50;
        """
}
