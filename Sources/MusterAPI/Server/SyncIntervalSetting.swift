import MusterModel

/// How often devices synchronize by themselves, and the revision of that setting (also the `ETag`).
package struct SyncIntervalSetting: Codable, Sendable, Hashable {
    package var syncIntervalSeconds: Int64
    package var revision: Int64

    package init(syncIntervalSeconds: Int64, revision: Int64) {
        self.syncIntervalSeconds = syncIntervalSeconds
        self.revision = revision
    }

    package var duration: Duration { .milliseconds(syncIntervalSeconds.multipliedSaturating(by: 1000)) }
}

/// `PUT /settings/sync-interval`.
package struct SetSyncInterval: ChangeRequest {
    package var syncIntervalSeconds: Int64

    package init(syncIntervalSeconds: Int64) { self.syncIntervalSeconds = syncIntervalSeconds }

    package enum CodingKeys: String, CodingKey, CaseIterable { case syncIntervalSeconds }
    package static let members = CodingKeys.allCases.map(\.rawValue)

    /// 60…86400, from the rule in MusterModel.
    package static let allowedSeconds =
        SyncInterval.allowed.lowerBound.components.seconds...SyncInterval.allowed.upperBound.components.seconds
}

extension Int64 {
    /// Numbers in bodies come from outside: no arithmetic on them traps.
    package func multipliedSaturating(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : product
    }
}
