import MusterModel

/// The rows of tasks and their revisions.
struct TaskRows {
    let connection: any DatabaseConnection

    /// - Parameter rest: a condition, an order.
    func fetch(_ rest: String, _ values: [SQLValue] = []) throws(StoreError) -> [TaskRecord] {
        try connection.fetchAll(
            "SELECT id, revision, name, application, type, content, created, changed, deleted FROM task \(rest)", values
        ) { row throws(StoreError) in
            let content: TaskContent = try StoredJSON.value(try row.string(5), of: "A task")
            return TaskRecord(
                try content.task(
                    try row.id(0), revision: try row.int(1), name: try row.string(2), application: try row.string(3),
                    type: try row.string(4)),
                created: try row.time(6), changed: try row.time(7), deleted: row.optionalTime(8))
        }
    }

    /// Deleted or not.
    func fetch(_ id: TaskID) throws(StoreError) -> TaskRecord? { try fetch("WHERE id = $1", [.id(id)]).first }

    /// A task as it was at a revision, also one that is deleted; its scope too.
    func fetch(_ id: TaskID, revision: Int64) throws(StoreError) -> ManagedTask? {
        try connection.fetchFirst(
            """
            SELECT r.name, t.application, t.type, r.content FROM task_revision r JOIN task t ON t.id = r.task
            WHERE r.task = $1 AND r.revision = $2
            """, [.id(id), .integer(revision)]
        ) { row throws(StoreError) in
            let content: TaskContent = try StoredJSON.value(try row.string(3), of: "A task's revision")
            return try content.task(
                id, revision: revision, name: try row.string(0), application: try row.string(1), type: try row.string(2))
        }
    }

    func count() throws(StoreError) -> Int64 {
        try connection.fetchFirst("SELECT COUNT(*) FROM task WHERE deleted IS NULL") { row throws(StoreError) in
            try row.int(0)
        } ?? 0
    }

    func insert(_ record: TaskRecord) throws(StoreError) {
        let definition = record.task.definition
        try connection.run(
            """
            INSERT INTO task (id, application, type, name, content, revision, created, changed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .id(record.id), .text(definition.application.description), .text(definition.type), .text(definition.name),
                .text(try Self.text(record.task)), .integer(definition.revision), .time(record.created), .time(record.changed),
            ])
    }

    func update(_ record: TaskRecord) throws(StoreError) {
        try connection.run(
            "UPDATE task SET name = $2, content = $3, revision = $4, changed = $5, deleted = $6 WHERE id = $1",
            [
                .id(record.id), .text(record.task.definition.name), .text(try Self.text(record.task)),
                .integer(record.task.definition.revision), .time(record.changed), .time(record.deleted),
            ])
    }

    func insertRevision(
        _ task: ManagedTask, change: String, by principal: AuditPrincipal, now: Timestamp
    ) throws(StoreError) {
        try connection.run(
            """
            INSERT INTO task_revision (task, revision, at, principal_kind, principal, change, name, content)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .id(task.id), .integer(task.definition.revision), .time(now), .text(principal.kind), .text(principal.id),
                .text(BoundedText.cut(change, to: BoundedText.sentence)), .text(task.definition.name), .text(try Self.text(task)),
            ])
    }

    private static func text(_ task: ManagedTask) throws(StoreError) -> String {
        try StoredJSON.text(TaskContent(task), of: "The task")
    }
}
