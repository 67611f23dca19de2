/// Where the server's database is.
package enum DatabaseLocation: Hashable, Sendable {
    /// A file; made when it is not there.
    case sqlite(path: String)
    /// A connection URI as libpq takes it. It may hold a password: it is never logged.
    case postgresql(url: String)

    /// `postgresql://…` or `postgres://…`; `sqlite:` and a path, or a path alone. Nil for other schemes and for nothing.
    package init?(_ text: String) {
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            self = .postgresql(url: text)
            return
        }
        let path = text.hasPrefix("sqlite:") ? String(text.dropFirst("sqlite:".count)) : text
        guard !path.isEmpty, !path.contains("://") else { return nil }
        self = .sqlite(path: path)
    }

    package var kind: DatabaseKind {
        switch self {
        case .sqlite: .sqlite
        case .postgresql: .postgresql
        }
    }

    /// For people: where it is, without credentials.
    package var place: String { database.place }

    var database: any Database {
        switch self {
        case .sqlite(let path): SQLiteDatabase(path: path)
        case .postgresql(let url): PostgreSQLDatabase(url: url)
        }
    }
}
