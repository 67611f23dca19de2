package import MusterModel

extension Store {
    /// Events deleted in one transaction: some 10 ms of the writer, so that others hardly wait.
    static let retentionStep = 500

    /// Deletes a few of the oldest events that are past their age. To be called again until it returns 0; other work goes on between.
    ///
    /// Events leave in order of position: one whose turn comes while it is still young (the server's clock was ahead) holds up those
    /// behind it until it is old enough.
    /// - Returns: how many were deleted.
    package func deleteOldEvents(receivedBefore: Timestamp) async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            try connection.run(
                "DELETE FROM event WHERE position IN (SELECT position FROM event ORDER BY position LIMIT $1) AND received < $2",
                [.count(Self.retentionStep), .time(receivedBefore)])
        }
    }

    /// Deletes a few of the oldest events while there are more than so many. To be called again until it returns 0. They are counted, once a
    /// call: positions have leaps.
    package func deleteOldestEvents(keeping: Int64) async throws(StoreError) -> Int {
        let count = try await read { connection throws(StoreError) in
            try connection.fetchFirst("SELECT COUNT(*) FROM event") { row throws(StoreError) in try row.int(0) } ?? 0
        }
        var surplus = Int(clamping: count - keeping)
        var deleted = 0
        while surplus > 0 {
            let step = min(surplus, Self.retentionStep)
            _ = try await write { connection throws(StoreError) in
                try connection.run(
                    "DELETE FROM event WHERE position IN (SELECT position FROM event ORDER BY position LIMIT $1)", [.count(step)])
            }
            surplus -= step
            deleted += step
        }
        return deleted
    }

    /// Deletes former places of events that are gone. There are as many as events that lived through a roll-back: few.
    package func deleteUnusedFormerPlaces() async throws(StoreError) -> Int {
        try await write { connection throws(StoreError) in
            try connection.run(
                "DELETE FROM event_former WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.position = event_former.position)")
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
