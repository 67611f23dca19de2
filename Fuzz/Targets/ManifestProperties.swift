import MusterModel

/// The bytes are a line of a connector, or a manifest that a device reports.
enum ManifestProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyViolation) {
        guard let value = try? JSONValue(json: bytes) else {
            try expect((try? ExternalManifest(json: bytes)) == nil, "a manifest that is no JSON")
            return
        }
        let written = value.json
        try expect((try? JSONValue(json: written)) == value, "other JSON than it was made from")
        try expect((try? JSONValue(json: written))?.json == written, "two forms of one value")
        guard let external = try? ExternalManifest(value) else { return }
        try expect((try? ExternalManifest(json: external.bytes)) == external, "another manifest than it was made from")
        try expect(external.bytes.count <= ExternalManifest.maximumBytes, "\(external.bytes.count) bytes")
        try expect(ApplicationManifest.builtIn(external.application) == nil, "a built-in application")
        for task in external.manifest.tasks {
            try expect(task.required.isSubset(of: Set(task.settings.map(\.key))), "a setting is needed that there is not")
        }
        for setting in external.manifest.settings + external.manifest.tasks.flatMap(\.settings) {
            try expect(!setting.type.allowed.isEmpty, "nothing is allowed")
            if let standard = setting.standard {
                try expect(setting.type.accepts(standard), "a default that is not allowed")
                try expect(
                    JSONValue(standard).flatMap { setting.type.value(of: $0) } == standard, "a default that cannot be said")
            }
        }
    }
}
