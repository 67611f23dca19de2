import MusterModel

/// Stores entries of the history of connections, inside a transaction.
struct ConnectionWriter {
    static let columns = "number, device, refused, count, opened, closed, address, hello, reason, text, documents, events"
    private static let columnCount = 12
    /// Of a text, in bytes.
    private static let textLimit = 200

    let connection: any DatabaseConnection

    func store(_ records: [ConnectionRecord]) throws(StoreError) {
        try RowList.forEachPiece(of: records, limit: connection.rowsPerStatement) { piece throws(StoreError) in
            try connection.run(Self.statement(rows: piece.count), piece.flatMap(Self.values))
        }
    }

    private static func statement(rows: Int) -> String {
        """
        INSERT INTO device_connection (\(columns)) \(RowList.values(rows: rows, columns: columnCount, from: 1))
        ON CONFLICT (number) DO UPDATE SET
            count = excluded.count, closed = excluded.closed, address = excluded.address, hello = excluded.hello,
            reason = excluded.reason, text = excluded.text, documents = excluded.documents, events = excluded.events
        """
    }

    private static func values(_ record: ConnectionRecord) -> [SQLValue] {
        [
            .integer(record.number), .id(record.device), .integer(record.isRefusal ? 1 : 0), .integer(record.count),
            .time(record.opened), .time(record.closed), .text(BoundedText.cut(record.address, to: BoundedText.word)),
            .text(BoundedText.cut(record.hello, to: BoundedText.word)), .text(record.reason?.code),
            .text(BoundedText.cut(record.text, to: textLimit)), .integer(record.documents), .integer(record.events),
        ]
    }
}
