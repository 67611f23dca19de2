package import MusterModel

/// Saved selections. Expressions are checked by who takes them in.
extension Store {
    /// In order of their names.
    package func fetchSelections() async throws(StoreError) -> [SelectionRecord] {
        try await read { connection throws(StoreError) in try connection.fetchSelections() }
    }

    package func fetchSelection(_ id: SelectionID) async throws(StoreError) -> SelectionRecord? {
        try await read { connection throws(StoreError) in try connection.fetchSelections("WHERE id = $1", [.id(id)]).first }
    }

    /// - Throws: `refused` past the limit, for a name that is none and one that another selection has.
    package func createSelection(
        _ id: SelectionID, name: String, expression: String, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> SelectionRecord {
        try await write { connection throws(StoreError) in
            let record = SelectionRecord(id: id, name: name, expression: expression, created: now, changed: now)
            try connection.checkName(of: record)
            let count = try connection.fetchFirst("SELECT COUNT(*) FROM device_selection") { row throws(StoreError) in
                try row.int(0)
            }
            guard (count ?? 0) < SelectionRecord.maximumCount else {
                throw .refused("There are \(SelectionRecord.maximumCount) selections, as many as there can be.")
            }
            try connection.run(
                """
                INSERT INTO device_selection (id, name, expression, revision, created, changed) VALUES ($1, $2, $3, 1, $4, $4)
                """, [.id(id), .text(name), .text(expression), .time(now)])
            try connection.audit(record, "create-selection", principal, now)
            return record
        }
    }

    /// - Parameters:
    ///   - expectedRevision: when given, the revision the caller saw.
    ///   - name, expression: nil leaves what is stored.
    /// - Throws: `notFound`; `conflict` when the revision is another; `refused` for a name that is none and one that another selection has.
    package func editSelection(
        _ id: SelectionID, name: String? = nil, expression: String? = nil, expectedRevision: Int64?, principal: AuditPrincipal,
        now: Timestamp
    ) async throws(StoreError) -> SelectionRecord {
        try await write { connection throws(StoreError) in
            guard let found = try connection.fetchSelections("WHERE id = $1", [.id(id)]).first else {
                throw .notFound("selection")
            }
            try StoreError.check(revision: found.revision, expected: expectedRevision)
            var new = found
            new.name = name ?? found.name
            new.expression = expression ?? found.expression
            guard new != found else { return found }
            try connection.checkName(of: new)
            try connection.update(&new, principal, now)
            return new
        }
    }

    /// - Returns: false when there is no such selection.
    /// - Throws: `conflict` when the revision is another.
    package func deleteSelection(
        _ id: SelectionID, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            guard let found = try connection.fetchSelections("WHERE id = $1", [.id(id)]).first else { return false }
            try StoreError.check(revision: found.revision, expected: expectedRevision)
            try connection.checkNoTask(isFor: .selection(id), called: "device selection")
            try connection.run("DELETE FROM device_selection WHERE id = $1", [.id(id)])
            try connection.audit(found, "delete-selection", principal, now)
            return true
        }
    }
}

extension DatabaseConnection {
    /// As its next revision.
    func update(_ record: inout SelectionRecord, _ principal: AuditPrincipal, _ now: Timestamp) throws(StoreError) {
        record.revision += 1
        record.changed = now
        try run(
            "UPDATE device_selection SET name = $2, expression = $3, revision = $4, changed = $5 WHERE id = $1",
            [
                .id(record.id), .text(record.name), .text(record.expression), .integer(record.revision), .time(record.changed),
            ])
        try audit(record, "edit-selection", principal, now)
    }

    func fetchSelections(_ rest: String = "ORDER BY name", _ values: [SQLValue] = []) throws(StoreError) -> [SelectionRecord] {
        try fetchAll("SELECT id, name, expression, revision, created, changed FROM device_selection \(rest)", values) {
            row throws(StoreError) in
            SelectionRecord(
                id: try row.id(0), name: try row.string(1), expression: try row.string(2), revision: try row.int(3),
                created: try row.time(4), changed: try row.time(5))
        }
    }

    fileprivate func checkName(of record: SelectionRecord) throws(StoreError) {
        try StoreError.checkName(record.name)
        let isTaken = try exists(
            "SELECT 1 FROM device_selection WHERE name = $1 AND id <> $2", [.text(record.name), .id(record.id)])
        if isTaken { throw .refused("Another selection has the name '\(record.name)'.") }
    }

    fileprivate func audit(
        _ record: SelectionRecord, _ action: String, _ principal: AuditPrincipal, _ now: Timestamp
    ) throws(StoreError) {
        try audit(
            principal, action, "selection", "\(record.id)",
            ["name": .text(record.name), "expression": .text(record.expression)], now)
    }
}
