package import MusterModel

extension Store {
    /// Events deleted in one transaction: some 10 ms of the writer, so that others hardly wait.
    private static let retentionStep = 500

    /// Deletes a few of the oldest events that are past what is kept. To be called again until it returns 0; other work goes on between.
    ///
    /// Events leave in order of position: one whose turn comes while it is still young (the server's clock was ahead) holds up those
    /// behind it until it is old enough.
    /// - Parameters:
    ///   - receivedBefore: older ones go.
    ///   - keepingNewest: how many may stay at most, by position.
    /// - Returns: how many were deleted.
    package func deleteOldEvents(receivedBefore: Timestamp, keepingNewest: Int64) async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            try connection.run(
                """
                DELETE FROM event WHERE position IN (SELECT position FROM event ORDER BY position LIMIT $1)
                AND (received < $2 OR position <= (SELECT value FROM counter WHERE name = 'event') - $3)
                """, [.count(Self.retentionStep), .time(receivedBefore), .integer(keepingNewest)])
        }
    }

    /// Deletes a few of the applications that are on no device any more. To be called again until it returns 0.
    ///
    /// A reader looks for them, as that takes a look at each; the writer then checks only those found.
    package func deleteUnusedInstalledItems() async throws(StoreError) -> Int {
        let found = try await read { connection throws(StoreError) in
            try connection.fetchAll(
                """
                SELECT number FROM installed_item i
                WHERE NOT EXISTS (SELECT 1 FROM device_installed d WHERE d.item = i.number) ORDER BY number LIMIT $1
                """, [.count(Self.retentionStep)]
            ) { row throws(StoreError) in try row.int(0) }
        }
        guard !found.isEmpty else { return 0 }
        return try await write { connection throws(StoreError) in
            var deleted = 0
            for number in found {
                deleted += try connection.run(
                    """
                    DELETE FROM installed_item WHERE number = $1
                    AND NOT EXISTS (SELECT 1 FROM device_installed WHERE item = $1)
                    """, [.integer(number)])
            }
            return deleted
        }
    }
}
