package import MusterAPI
package import MusterModel

/// What the API needs of the running server about groups and policies: answers come from memory, and what is said to have changed is
/// committed already.
package protocol PolicyBackend: Sendable {
    /// A copy of what is in force.
    var administration: Administration { get }
    /// Sealed for the database; nil when that fails.
    func seal(_ secret: String) -> SecretValue?
    func policyChanged(_ policy: Policy) async throws
    func policyRemoved(_ id: PolicyID)
    /// Manifests were accepted or rejected; read anew from the store.
    func manifestsChanged() async throws
    /// What the policy would do in place of the one it has the id of.
    func dryRun(_ policy: Policy) -> PolicyDryRun
    /// Devices for which an active policy is in force, in no order.
    func deliveries(of policy: PolicyID) -> [DeviceDelivery]
    /// Nil for a device that is not there.
    func management(of device: DeviceID) -> DeviceManagement?
    func overview(since: Timestamp) -> Overview
}

/// How far the settings of one application have come to one device.
package struct DeviceDelivery: Sendable, Hashable {
    package var device: DeviceID
    package var delivery: SettingsDelivery
    /// What the device said last of the application.
    package var report: ApplicationReport?

    package init(device: DeviceID, delivery: SettingsDelivery, report: ApplicationReport?) {
        self.device = device
        self.delivery = delivery
        self.report = report
    }
}

/// A device among groups and policies.
package struct DeviceManagement: Sendable, Hashable {
    /// What is to be in force, by application.
    package var effective: [ApplicationID: EffectiveSettings]
    /// Of applications that the device has and for which something is set.
    package var deliveries: [ApplicationID: SettingsDelivery]
    package var reports: [ApplicationID: ApplicationReport]
    /// Those its applications go by: what can be set for it.
    package var manifests: [ApplicationManifest]
    /// Of the manifests it has of applications that are not built in, accepted or not.
    package var digests: [ApplicationID: Digest]

    package init(
        effective: [ApplicationID: EffectiveSettings], deliveries: [ApplicationID: SettingsDelivery],
        reports: [ApplicationID: ApplicationReport], manifests: [ApplicationManifest] = ApplicationManifest.builtIn,
        digests: [ApplicationID: Digest] = [:]
    ) {
        self.manifests = manifests
        self.digests = digests
        self.effective = effective
        self.deliveries = deliveries
        self.reports = reports
    }
}
