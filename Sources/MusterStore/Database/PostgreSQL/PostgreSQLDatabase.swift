import CPostgreSQL

/// A database of a PostgreSQL server, reached through libpq.
struct PostgreSQLDatabase: Database {
    /// Of the advisory lock that the one server of a database holds: "muster" in ASCII.
    private static let lock: Int64 = 0x6d75_7374_6572

    let url: String

    var kind: DatabaseKind { .postgresql }

    var place: String {
        guard let options = PQconninfoParse(url, nil) else { return "postgresql" }
        defer { PQconninfoFree(options) }
        var parts: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parts[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return "postgresql://\(parts["host"] ?? "")/\(parts["dbname"] ?? "")"
    }

    /// Waits at most 5 s for a connection and 60 s for a statement. A server that vanished is noticed within 15 s.
    func connect(for purpose: ConnectionPurpose) throws(StoreError) -> any DatabaseConnection {
        let connection = try PostgreSQLConnection(options: [
            ("dbname", url), ("connect_timeout", "5"), ("application_name", "muster-server"), ("client_encoding", "UTF8"),
            ("tcp_user_timeout", "15000"), ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "2"),
        ])
        try connection.script(
            """
            SET statement_timeout = '60s'; SET client_min_messages = error; SET synchronous_commit = on;
            SET default_transaction_isolation = 'read committed'; SET standard_conforming_strings = on;
            """)
        switch purpose {
        case .writing: try takeLock(connection)
        case .reading: try connection.script("SET default_transaction_read_only = on")
        }
        return connection
    }

    private func takeLock(_ connection: PostgreSQLConnection) throws(StoreError) {
        let taken = try connection.fetchFirst(
            "SELECT CASE WHEN pg_try_advisory_lock($1) THEN 1 ELSE 0 END", [.integer(Self.lock)]
        ) { row throws(StoreError) in try row.flag(0) }
        guard taken == true else { throw StoreError(.inUse, "Another server uses the database \(place).") }
    }
}
