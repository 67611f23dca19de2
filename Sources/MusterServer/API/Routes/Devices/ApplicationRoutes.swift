import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore

/// `applications` and `manifests`.
struct ApplicationRoutes: Sendable {
    let services: APIServices

    /// The applications that can have policies, and those that wait for somebody to accept their manifests.
    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let catalogue = services.backend.administration.catalogue
        let manifests = try await services.store.fetchManifests().compactMap(KnownManifest.init)
        let names = try await names(of: manifests)
        let known = Dictionary(grouping: manifests) { $0.external.application }
        let others = known.sorted { $0.key < $1.key }.compactMap { application, manifests -> ApplicationEntry? in
            guard let newest = manifests.first else { return nil }
            let accepted = catalogue.manifest(application)
            return ApplicationEntry(
                accepted ?? newest.external.manifest,
                standing: accepted == nil ? newest.record.decision.code : ManifestDecision.accepted.code,
                manifests: manifests.map { $0.entry(names) })
        }
        return try .ok(Page(items: services.manifests.map { ApplicationEntry($0) } + others, next: nil))
    }

    @Sendable func decide(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(DecideManifest.self)
        guard let bytes = call.argument.flatMap({ Hexadecimal.bytes($0) }), let digest = Digest(bytes: bytes) else {
            throw Problem.notFound("manifest")
        }
        if wanted.accepted, let found = try await services.store.fetchManifest(digest), found.decision != .accepted,
            let known = KnownManifest(found)
        {
            try await ReachGuard(services: services, principal: call.principal).accepting(known.external)
        }
        let record = try await services.store.decideManifest(
            digest, isAccepted: wanted.accepted, principal: call.principal.audit, now: services.now())
        try await services.backend.manifestsChanged()
        guard let known = KnownManifest(record) else { throw Problem.notFound("manifest") }
        return try .ok(known.entry(try await names(of: [known])))
    }

    /// Of the devices that brought them first.
    private func names(of manifests: [KnownManifest]) async throws -> [DeviceID: String] {
        try await services.store.fetchDeviceNames(of: Array(Set(manifests.map(\.record.device))), isDeletedToo: false)
    }
}

/// A stored manifest that this version can read.
private struct KnownManifest {
    let record: ManifestRecord
    let external: ExternalManifest

    init?(_ record: ManifestRecord) {
        guard let external = try? ExternalManifest(json: record.body) else { return nil }
        self.record = record
        self.external = external
    }

    func entry(_ names: [DeviceID: String]) -> ManifestEntry {
        var entry = ManifestEntry(
            digest: record.digest, version: record.version, manifest: external.manifest, standing: record.decision.code,
            firstDevice: record.device, firstSeen: record.firstSeen, devices: record.devices, decided: record.decided,
            decidedBy: record.principal.map { "\($0.kind) \($0.id)" })
        entry.firstDeviceName = names[record.device]
        return entry
    }
}

extension ManifestDecision {
    /// As the API has it.
    var code: String {
        switch self {
        case .none: "not-accepted"
        case .accepted: "accepted"
        case .rejected: "rejected"
        }
    }
}

extension ApplicationCatalogue {
    /// The one that what is set anew for an application goes by.
    func manifest(named application: String) throws(Problem) -> ApplicationManifest {
        guard let manifest = ApplicationID(application).flatMap({ manifest($0) }), !manifest.settings.isEmpty else {
            let known = manifests.filter { !$0.settings.isEmpty }.map(\.id.description).joined(separator: ", ")
            throw .member(
                "application", "There is no such application with settings, or its manifest is not accepted.", allowed: known)
        }
        return manifest
    }
}
