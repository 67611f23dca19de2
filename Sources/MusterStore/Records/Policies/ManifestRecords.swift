package import MusterModel

/// A manifest as a device reports it.
package struct ReportedManifest: Hashable, Sendable {
    package let application: ApplicationID
    package let version: String
    package let digest: Digest
    /// JSON, as it came.
    package let body: [UInt8]

    package init(application: ApplicationID, version: String, digest: Digest, body: [UInt8]) {
        (self.application, self.version, self.digest, self.body) = (application, version, digest, body)
    }
}

/// What an administrator decided of a manifest.
package enum ManifestDecision: Int64, Hashable, Sendable {
    case none = 0
    case accepted = 1
    case rejected = 2
}

/// A manifest as it is kept.
package struct ManifestRecord: Hashable, Sendable {
    package let digest: Digest
    package let application: ApplicationID
    package let version: String
    package let body: [UInt8]
    /// Which brought it first.
    package let device: DeviceID
    package let firstSeen: Timestamp
    package let decision: ManifestDecision
    package let decided: Timestamp?
    /// Who decided.
    package let principal: AuditPrincipal?
    /// How many devices have it now.
    package let devices: Int64
}

/// What came of manifests that a device reported.
package struct ManifestIntake: Hashable, Sendable {
    /// Of the last event about new ones; nil: none was new.
    package let position: Int64?
    /// How many events there were.
    package let count: Int
}
