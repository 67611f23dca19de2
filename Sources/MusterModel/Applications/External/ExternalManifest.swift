/// The manifest of an application that somebody else wrote a connector for: known by its id, its version and the digest of its bytes. What it
/// says is inert until an administrator accepts it. A value; read with limits from what a connector or a device says.
package struct ExternalManifest: Hashable, Sendable {
    /// With its members sorted and no blanks: fits into the value of a document's item.
    package static let maximumBytes = 64 * 1024
    /// More than anyone looks through.
    static let maximumSettings = 100
    static let maximumTasks = 16
    static let maximumSettingsOfTask = 32
    /// Version of a connector.
    package static let maximumVersionBytes = 40
    private static let versionBytes = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+~:-".utf8)

    package let manifest: ApplicationManifest
    package let version: String
    /// As they travel and are kept.
    package let bytes: [UInt8]

    package var application: ApplicationID { manifest.id }

    /// As a device sent it.
    package init(json bytes: [UInt8]) throws(ManifestFault) {
        guard bytes.count <= Self.maximumBytes else {
            throw ManifestFault("it is longer than \(Self.maximumBytes) bytes")
        }
        let value: JSONValue
        do { value = try JSONValue(json: bytes) } catch { throw ManifestFault("it is not JSON of whole numbers: \(error.text)") }
        try self.init(value, bytes: bytes)
    }

    /// As a connector says it.
    package init(_ value: JSONValue) throws(ManifestFault) {
        let bytes = value.json
        guard bytes.count <= Self.maximumBytes else {
            throw ManifestFault("it is longer than \(Self.maximumBytes) bytes")
        }
        try self.init(value, bytes: bytes)
    }

    private init(_ value: JSONValue, bytes: [UInt8]) throws(ManifestFault) {
        self.bytes = bytes
        guard let id = value["id"]?.text.flatMap({ ApplicationID($0) }) else {
            throw ManifestFault("its 'id' is not 1 to 40 small letters, digits and hyphens, beginning with a letter")
        }
        guard ApplicationManifest.builtIn(id) == nil else { throw ManifestFault("'\(id)' is a built-in application") }
        guard let version = value["version"]?.text, (1...Self.maximumVersionBytes).contains(version.utf8.count),
            version.utf8.allSatisfy(Self.versionBytes.contains)
        else { throw ManifestFault("its 'version' is not 1 to 40 letters, digits and .+~:-") }
        self.version = version
        guard let title = value["title"]?.text, ManifestReader.isLine(title, most: 80) else {
            throw ManifestFault("its 'title' is not one line of 1 to 80 bytes")
        }
        guard let settings = value["settings"]?.list, settings.count <= Self.maximumSettings else {
            throw ManifestFault("its 'settings' are not a list of at most \(Self.maximumSettings)")
        }
        manifest = ApplicationManifest(
            id: id, title: title, settings: try ManifestReader.settings(settings, of: "it"),
            tasks: try ManifestReader.tasks(value["tasks"]))
    }
}

/// Why something is no manifest: a clause that goes on after *the manifest*.
package struct ManifestFault: Error, Hashable, Sendable {
    package let text: String

    init(_ text: String) { self.text = text }
}
