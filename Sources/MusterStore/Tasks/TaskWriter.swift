import MusterModel

/// Changes tasks, inside a transaction: each change is a new revision, written down with who made it, and a row in the audit trail.
struct TaskWriter {
    let connection: any DatabaseConnection
    let principal: AuditPrincipal
    let now: Timestamp

    private var rows: TaskRows { TaskRows(connection: connection) }

    /// - Throws: `notFound`; `conflict` when the revision is another than expected.
    func fetch(_ id: TaskID, expectedRevision: Int64?) throws(StoreError) -> TaskRecord {
        guard let found = try rows.fetch(id), found.deleted == nil else { throw .notFound("task") }
        try StoreError.check(revision: found.task.definition.revision, expected: expectedRevision)
        return found
    }

    /// - Throws: `refused` past the limits, and for a name, group, selection or device that is none.
    func create(_ task: ManagedTask) throws(StoreError) -> TaskRecord {
        guard try rows.count() < TaskRecord.maximumCount else {
            throw .refused("There are \(TaskRecord.maximumCount) tasks, as many as there can be. Delete one that is not needed.")
        }
        var task = task
        task.definition.revision = 1
        try check(task, isNamedAnew: true)
        let record = TaskRecord(task, created: now, changed: now)
        try rows.insert(record)
        try settle(task, "created", "create-task")
        return record
    }

    func update(_ found: TaskRecord, to task: ManagedTask, change: String) throws(StoreError) -> TaskRecord {
        var task = task
        task.definition.revision = found.task.definition.revision
        guard task != found.task else { return found }
        try check(task, isNamedAnew: task.definition.name != found.task.definition.name)
        task.definition.revision += 1
        let record = TaskRecord(task, created: found.created, changed: now)
        try rows.update(record)
        try settle(task, change, "edit-task")
        return record
    }

    /// What is ordered of it and not begun is cancelled. - Returns: those actions.
    func delete(_ found: TaskRecord) throws(StoreError) -> [ActionID] {
        var record = found
        record.task.definition.revision += 1
        record.changed = now
        record.deleted = now
        try rows.update(record)
        try settle(record.task, "deleted", "delete-task")
        let waiting: [ActionID] = try connection.fetchAll(
            """
            UPDATE action SET progress = 7, ended = $2 WHERE progress <= 2
                AND id IN (SELECT id FROM task_run WHERE task = $1 AND state = 1)
            RETURNING id
            """, [.id(found.id), .time(now)]
        ) { row throws(StoreError) in try row.id(0) }
        try RunRows(connection: connection).endWaiting(waiting, as: .cancelled, code: "taskDeleted", now: now)
        return waiting
    }

    private func check(_ task: ManagedTask, isNamedAnew: Bool) throws(StoreError) {
        try StoreError.checkName(task.definition.name)
        if isNamedAnew,
            try connection.exists(
                "SELECT 1 FROM task WHERE name = $1 AND id <> $2 AND deleted IS NULL",
                [.text(task.definition.name), .id(task.id)])
        {
            throw .refused("Another task has the name '\(task.definition.name)'.")
        }
        switch task.scope {
        case .group(let group): _ = try GroupRows(connection: connection).name(of: group)
        case .selection(let selection):
            guard try connection.exists("SELECT 1 FROM device_selection WHERE id = $1", [.id(selection)]) else {
                throw .refused("There is no device selection \(selection).")
            }
        case .devices(let devices):
            guard (1...TaskScope.maximumDevices).contains(devices.count) else {
                throw .refused(
                    "A task is for 1 to \(TaskScope.maximumDevices) devices by name; for more make a group or selection.")
            }
        }
    }

    private func settle(_ task: ManagedTask, _ change: String, _ action: String) throws(StoreError) {
        try rows.insertRevision(task, change: change, by: principal, now: now)
        let definition = task.definition
        try connection.audit(
            principal, action, "task", "\(task.id)",
            [
                "name": .text(definition.name), "application": .text(definition.application.description),
                "type": .text(definition.type), "revision": .integer(definition.revision), "scope": .text(task.scope.words),
                "schedule": .text("\(definition.timing.schedule)"),
                "change": .text(BoundedText.cut(change, to: BoundedText.sentence)),
            ], now)
    }
}

extension TaskScope {
    /// For the audit trail.
    fileprivate var words: String {
        switch self {
        case .group(let group): "group \(group)"
        case .selection(let selection): "selection \(selection)"
        case .devices(let devices) where devices.count == 1: "device \(devices[0])"
        case .devices(let devices): "\(devices.count) devices"
        }
    }
}

extension DatabaseConnection {
    /// - Throws: `refused` when a task is for it: what a task is for does not go silently.
    func checkNoTask(isFor scope: TaskScope, called what: String) throws(StoreError) {
        let tasks = try TaskRows(connection: self).fetch("WHERE deleted IS NULL ORDER BY name")
        if let task = tasks.first(where: { $0.task.scope == scope }) {
            throw .refused(
                "The task '\(task.task.definition.name)' is for this \(what). Give it another scope, or delete it, first.")
        }
    }
}
