package import MusterModel
import SwiftProtobuf

/// Document `installed`: key = source, 0, name, 0, architecture; value = `InstalledItem`.
extension Document {
    /// An application without a source or a name is left out: nothing could be said of it.
    package init(installed applications: some Sequence<InstalledApplication>) {
        self.init(sorting: applications.filter { !$0.source.isEmpty && !$0.name.isEmpty }.map(Item.init))
    }

    /// - Throws: `malformedDocument` for a key or value that is not an installed application.
    package func installedApplications() throws(WireError) -> [InstalledApplication] {
        var applications: [InstalledApplication] = []
        for item in items() { applications.append(try InstalledApplication(item)) }
        return applications
    }
}

extension Document.Item {
    /// A zero byte in a name would end it: it is shown as the replacement character.
    package init(_ application: InstalledApplication) {
        var value = Muster_V1_InstalledItem()
        value.version = application.version
        value.size = application.size
        self.init(
            key: Array(
                [application.source, application.name, application.architecture].map(Self.withoutZeros)
                    .joined(separator: "\0").utf8),
            value: (try? value.serializedBytes()) ?? [])
    }

    private static func withoutZeros(_ text: String) -> String {
        text.utf8.contains(0) ? String(text.map { $0 == "\0" ? "\u{FFFD}" : $0 }) : text
    }
}

extension InstalledApplication {
    package init(_ item: Document.Item) throws(WireError) {
        let key = try InstalledApplicationKey(item.key)
        guard let value = try? Muster_V1_InstalledItem(serializedBytes: item.value) else {
            throw .malformedDocument("the value of an installed application is damaged")
        }
        self.init(
            source: key.source, name: key.name, version: value.version, architecture: key.architecture, size: value.size)
    }
}

/// What names an installed application on its device.
package struct InstalledApplicationKey: Hashable, Sendable {
    package var source: String
    package var name: String
    package var architecture: String

    package init(_ key: [UInt8]) throws(WireError) {
        let parts = key.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .malformedDocument("the key of an installed application is source, 0, name, 0, architecture")
        }
        source = String(decoding: parts[0], as: UTF8.self)
        name = String(decoding: parts[1], as: UTF8.self)
        architecture = String(decoding: parts[2], as: UTF8.self)
    }
}
