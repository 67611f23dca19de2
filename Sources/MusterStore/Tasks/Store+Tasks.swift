package import MusterModel

/// Tasks. What their settings say is checked by who takes them in; here only how much it is: at most 256 KiB as JSON, 1,000 tasks.
///
/// Changes throw `notFound`, `conflict` when the revision is not the one the caller saw (where given), and `refused` past the limits and for
/// a name, group or selection that is none.
extension Store {
    /// All that are not deleted, by name.
    package func fetchTasks() async throws(StoreError) -> [TaskRecord] {
        try await read { connection throws(StoreError) in
            try TaskRows(connection: connection).fetch("WHERE deleted IS NULL ORDER BY name, id")
        }
    }

    /// Nil for one that is deleted.
    package func fetchTask(_ id: TaskID) async throws(StoreError) -> TaskRecord? {
        try await read { connection throws(StoreError) in
            try TaskRows(connection: connection).fetch(id).flatMap { $0.deleted == nil ? $0 : nil }
        }
    }

    /// As it was at a revision; of a deleted task too.
    package func fetchTask(_ id: TaskID, revision: Int64) async throws(StoreError) -> ManagedTask? {
        try await read { connection throws(StoreError) in
            try TaskRows(connection: connection).fetch(id, revision: revision)
        }
    }

    /// As its first revision. - Parameter claim: devices that begin to do it; nil: that is not limited.
    package func createTask(
        _ task: ManagedTask, claim: ReachClaim? = nil, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Reached<TaskRecord> {
        try await write { connection throws(StoreError) in
            if let excess = try connection.claim(claim, task.id, principal, now) { return .exceeded(excess) }
            return .done(try TaskWriter(connection: connection, principal: principal, now: now).create(task))
        }
    }

    /// - Parameter change: what was done, in words; it goes into the audit trail: no secrets.
    package func changeTask(
        _ task: ManagedTask, expectedRevision: Int64?, change: String, claim: ReachClaim? = nil, principal: AuditPrincipal,
        now: Timestamp
    ) async throws(StoreError) -> Reached<TaskRecord> {
        try await write { connection throws(StoreError) in
            let writer = TaskWriter(connection: connection, principal: principal, now: now)
            let found = try writer.fetch(task.id, expectedRevision: expectedRevision)
            if let excess = try connection.claim(claim, task.id, principal, now) { return .exceeded(excess) }
            return .done(try writer.update(found, to: task, change: change))
        }
    }

    /// Its runs stay. - Returns: the actions that were to begin it; nil when there is no such task.
    package func deleteTask(
        _ id: TaskID, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> [ActionID]? {
        try await write { connection throws(StoreError) in
            guard let found = try TaskRows(connection: connection).fetch(id), found.deleted == nil else { return nil }
            try StoreError.check(revision: found.task.definition.revision, expected: expectedRevision)
            return try TaskWriter(connection: connection, principal: principal, now: now).delete(found)
        }
    }

    /// Counts devices that come into the scope of tasks by something else than a change of a task.
    package func claimReach(
        _ claim: ReachClaim, for what: String, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> ReachExcess? {
        try await write { connection throws(StoreError) in
            try ReachBook(connection: connection, principal: principal, now: now).claim(claim, for: what)
        }
    }

    /// Orders a run of a task as it is now, on these devices. A device that waits for the same revision of it shares that.
    package func orderRuns(
        _ order: ActionOrderRecord, devices: [DeviceID], reach: DeviceReach?,
        id: @escaping @Sendable () -> ActionID = { .random() }
    ) async throws(StoreError) -> Reached<CreatedActions> {
        try await write(isLarge: devices.count > 100) { connection throws(StoreError) in
            guard case .task(let task, _) = order.subject else { throw .refused("The order is about no task.") }
            let claim = reach.map { ReachClaim(devices, reach: $0) }
            if let excess = try connection.claim(claim, task, order.principal, order.created) { return .exceeded(excess) }
            return .done(try ActionWriter(connection: connection).create(order, devices: devices, id: id))
        }
    }
}

extension DatabaseConnection {
    fileprivate func claim(
        _ claim: ReachClaim?, _ task: TaskID, _ principal: AuditPrincipal, _ now: Timestamp
    ) throws(StoreError) -> ReachExcess? {
        guard let claim else { return nil }
        return try ReachBook(connection: self, principal: principal, now: now).claim(claim, for: "\(task)")
    }
}
