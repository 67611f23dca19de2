/// What the database holds.
package struct StoreStatistics: Hashable, Sendable {
    package var kind: DatabaseKind
    /// How many migrations were applied.
    package var schemaVersion: Int64
    /// Without tombstones.
    package var devices: Int64
    package var events: Int64
    /// Distinct ones.
    package var installedItems: Int64
    package var databaseBytes: Int64
}
