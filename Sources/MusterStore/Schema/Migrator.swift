package import MusterModel

/// Brings the schema to where this program needs it, one transaction a step.
package struct Migrator {
    let migrations: [Migration]

    package init(migrations: [Migration]) { self.migrations = migrations }

    /// - Returns: the names of the steps that were taken.
    /// - Throws: `newerSchema` when the database knows a step that is not known here, `damaged` when it is another program's; nothing is
    ///   changed then.
    package func migrate(_ connection: any DatabaseConnection, now: Timestamp) throws(StoreError) -> [String] {
        try refuseAnother(connection)
        let table = Migration(
            name: "migration",
            template:
                "CREATE TABLE IF NOT EXISTS migration (number {int} PRIMARY KEY, name {text} NOT NULL UNIQUE, applied {int} NOT NULL) {strict}"
        )
        try connection.script(table.sql(for: connection.kind))
        let names = try connection.fetchAll("SELECT name FROM migration ORDER BY number") { row throws(StoreError) in
            try row.string(0)
        }
        for (index, name) in names.enumerated() where index >= migrations.count || migrations[index].name != name {
            throw .newerSchema(name)
        }
        var applied: [String] = []
        for (number, migration) in migrations.enumerated().dropFirst(names.count) {
            try apply(migration, number: number + 1, to: connection, now: now)
            applied.append(migration.name)
        }
        return applied
    }

    /// An embedded database with tables and without this one is some other file that got in its place.
    private func refuseAnother(_ connection: any DatabaseConnection) throws(StoreError) {
        guard connection.kind == .sqlite else { return }
        let names = try connection.fetchAll("SELECT name FROM sqlite_master WHERE type = 'table'") { row throws(StoreError) in
            try row.string(0)
        }
        guard names.isEmpty || names.contains("migration") else { throw .damaged("It is not the database of a Muster server.") }
    }

    private func apply(
        _ migration: Migration, number: Int, to connection: any DatabaseConnection, now: Timestamp
    ) throws(StoreError) {
        try connection.script("BEGIN")
        do throws(StoreError) {
            try connection.script(migration.sql(for: connection.kind))
            try migration.then(connection, now)
            try connection.run(
                "INSERT INTO migration (number, name, applied) VALUES ($1, $2, $3)",
                [.count(number), .text(migration.name), .time(now)])
            try connection.script("COMMIT")
        } catch {
            if connection.isUsable, connection.isInTransaction { try? connection.script("ROLLBACK") }
            throw error
        }
    }
}
