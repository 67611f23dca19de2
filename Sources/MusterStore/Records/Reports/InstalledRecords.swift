package import MusterModel

/// An application on a device.
package struct InstalledRecord: Hashable, Sendable {
    package var device: DeviceID
    package var deviceName: String
    package var application: InstalledApplication
    /// When the server first heard of this version on this device.
    package var firstSeen: Timestamp
    package var cursor: InstalledCursor
}

/// What the document `installed` changes.
package enum InstalledChange: Hashable, Sendable {
    /// These and no others.
    case whole([InstalledApplication])
    case patch(put: [InstalledApplication], remove: [InstalledKey])

    /// From 100 rows on, 1 ms and more: others need not wait behind it.
    var isLarge: Bool {
        switch self {
        case .whole(let applications): applications.count >= 100
        case .patch(let put, let remove): put.count + remove.count >= 100
        }
    }
}

/// What is one application on a device, whatever its version: a device has at most one of each.
package struct InstalledKey: Hashable, Sendable {
    package var source: String
    package var name: String
    package var architecture: String

    package init(source: String, name: String, architecture: String) {
        self.source = source
        self.name = name
        self.architecture = architecture
    }
}

extension InstalledApplication {
    package var key: InstalledKey { InstalledKey(source: source, name: name, architecture: architecture) }
}

extension InstalledKey {
    var bounded: Self { InstalledApplication(source: source, name: name, version: "", architecture: architecture).bounded.key }
}
