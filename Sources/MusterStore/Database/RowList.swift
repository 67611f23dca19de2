/// Lists of rows in one statement: `VALUES ($2, $3), ($4, $5)`.
enum RowList {
    /// - Parameter first: the number of the first parameter.
    static func values(rows: Int, columns: Int, from first: Int) -> String {
        let lists = (0..<rows).map { row in
            "(" + (0..<columns).map { "$\(first + row * columns + $0)" }.joined(separator: ", ") + ")"
        }
        return "VALUES " + lists.joined(separator: ", ")
    }

    /// `($2, $3, $4)`. - Parameter first: the number of the first parameter.
    static func list(_ count: Int, from first: Int) -> String {
        "(" + (0..<count).map { "$\(first + $0)" }.joined(separator: ", ") + ")"
    }

    /// Cuts `rows` into pieces of at most `limit`. The sizes are powers of four, so that few different statements have to be prepared.
    static func forEachPiece<Row>(
        of rows: [Row], limit: Int, _ body: (ArraySlice<Row>) throws(StoreError) -> Void
    ) throws(StoreError) {
        var rest = rows[...]
        var size = 1
        while size * 4 <= min(limit, rows.count) { size *= 4 }
        while !rest.isEmpty {
            while size > rest.count { size /= 4 }
            try body(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
    }
}
