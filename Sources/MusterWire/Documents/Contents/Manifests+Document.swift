package import MusterModel

/// Document `manifests`: key = the application's id; value = its manifest, JSON. What is in it is read by `ExternalManifest`.
extension Document {
    package init(manifests: [ApplicationID: [UInt8]]) {
        self.init(sorting: manifests.map { Item(key: Array($0.key.description.utf8), value: $0.value) })
    }

    /// - Throws: `malformedDocument` for a key that is no id.
    package func manifests() throws(WireError) -> [ApplicationID: [UInt8]] {
        var manifests: [ApplicationID: [UInt8]] = [:]
        for item in items() {
            guard let application = ApplicationID(String(decoding: item.key, as: UTF8.self)) else {
                throw .malformedDocument("the key of a manifest is the application's id")
            }
            manifests[application] = item.value
        }
        return manifests
    }
}

extension ExternalManifest {
    /// What it is known by, beside its id and version.
    package var digest: Digest { Digest(document: bytes) }
}
