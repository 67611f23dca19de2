extension DatabaseConnection {
    /// Runs a statement without a result; tells how many rows it changed.
    @discardableResult
    package func run(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) -> Int {
        try prepare(sql).run(values) { _ throws(StoreError) in }
    }

    package func fetchAll<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ make: (any DatabaseRow) throws(StoreError) -> Value
    ) throws(StoreError) -> [Value] {
        var all: [Value] = []
        try prepare(sql).run(values) { row throws(StoreError) in all.append(try make(row)) }
        return all
    }

    /// The first row, if there is one.
    package func fetchFirst<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ make: (any DatabaseRow) throws(StoreError) -> Value
    ) throws(StoreError) -> Value? {
        var first: Value?
        try prepare(sql).run(values) { row throws(StoreError) in
            if first == nil { first = try make(row) }
        }
        return first
    }

    /// Whether there is at least one row.
    func exists(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> Bool {
        try fetchFirst(sql, values) { _ throws(StoreError) in true } ?? false
    }

    /// Several reads that see one state of the database.
    func withSnapshot<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        try script(kind == .sqlite ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do throws(StoreError) {
            let value = try body()
            try script("COMMIT")
            return value
        } catch {
            if isUsable, isInTransaction { try? script("ROLLBACK") }
            throw error
        }
    }
}
