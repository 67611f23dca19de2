package import MusterModel

/// A manifest of an application that is not built in: known by its digest, inert until it is accepted.
package struct ManifestEntry: Codable, Sendable, Hashable {
    /// 32 hexadecimal digits.
    package var digest: String
    package var application: String
    /// Of the connector.
    package var version: String
    package var title: String
    /// `not-accepted`, `accepted` or `rejected`.
    package var standing: String
    package var settings: [ApplicationEntry.Setting]
    package var tasks: [ApplicationEntry.TaskType]
    /// Which brought it first.
    package var firstDevice: DeviceID
    /// What that is called; absent: it was deleted.
    package var firstDeviceName: String?
    package var firstSeen: Timestamp
    /// How many have it now.
    package var devices: Int64
    package var decided: Timestamp?
    /// `KIND ID` of who decided.
    package var decidedBy: String?

    package init(
        digest: Digest, version: String, manifest: ApplicationManifest, standing: String, firstDevice: DeviceID,
        firstSeen: Timestamp, devices: Int64, decided: Timestamp?, decidedBy: String?
    ) {
        self.digest = digest.description
        application = manifest.id.description
        self.version = version
        title = manifest.title
        self.standing = standing
        settings = manifest.settings.map(ApplicationEntry.Setting.init)
        tasks = manifest.tasks.map(ApplicationEntry.TaskType.init)
        self.firstDevice = firstDevice
        self.firstSeen = firstSeen
        self.devices = devices
        self.decided = decided
        self.decidedBy = decidedBy
    }
}

/// `PUT /manifests/{digest}`: what is decided of it.
package struct DecideManifest: ChangeRequest {
    package var accepted: Bool

    package static let members = ["accepted"]

    package init(accepted: Bool) { self.accepted = accepted }
}
