/// Which manifest: that of a built-in application, or one of others by its digest.
package struct ManifestKey: Hashable, Sendable {
    package let application: ApplicationID
    /// Nil: it is built in.
    package let digest: Digest?

    package init(_ application: ApplicationID, digest: Digest? = nil) {
        self.application = application
        self.digest = digest
    }
}

/// The applications that can be managed: those that are built in, and those of others whose manifests an administrator accepted. The one place
/// that knows them; a value.
package struct ApplicationCatalogue: Hashable, Sendable {
    /// A manifest that was accepted.
    package struct Accepted: Hashable, Sendable {
        package let digest: Digest
        package let manifest: ApplicationManifest

        package init(digest: Digest, manifest: ApplicationManifest) {
            self.digest = digest
            self.manifest = manifest
        }
    }

    /// Of each application, the one accepted last at the end: what is set anew goes by that.
    private let others: [ApplicationID: [Accepted]]

    /// - Parameter accepted: in the order in which they were.
    package init(accepted: [Accepted] = []) {
        others = Dictionary(grouping: accepted.filter { ApplicationManifest.builtIn($0.manifest.id) == nil }, by: \.manifest.id)
    }

    /// With one that is accepted now.
    package func accepting(_ manifest: Accepted) -> Self {
        Self(accepted: others.values.joined() + [manifest])
    }

    /// Of each application the one that what is set anew goes by: built-in ones first, others by their ids.
    package var manifests: [ApplicationManifest] { ApplicationManifest.builtIn + manifestsOfOthers }

    package var manifestsOfOthers: [ApplicationManifest] {
        others.sorted { $0.key < $1.key }.compactMap { $0.value.last?.manifest }
    }

    /// All of them, of all versions.
    package var versions: [(key: ManifestKey, manifest: ApplicationManifest)] {
        ApplicationManifest.builtIn.map { (ManifestKey($0.id), $0) }
            + others.values.joined().map { (ManifestKey($0.manifest.id, digest: $0.digest), $0.manifest) }
    }

    /// What is set anew for an application goes by this one.
    package func manifest(_ application: ApplicationID) -> ApplicationManifest? {
        ApplicationManifest.builtIn(application) ?? others[application]?.last?.manifest
    }

    package func manifest(_ key: ManifestKey) -> ApplicationManifest? {
        guard let digest = key.digest else { return ApplicationManifest.builtIn(key.application) }
        return others[key.application]?.last { $0.digest == digest }?.manifest
    }
}
