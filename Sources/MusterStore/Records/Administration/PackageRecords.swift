package import MusterModel

/// An installation package as it is stored.
package struct PackageRecord: Hashable, Sendable {
    package var id: InstallationPackageID
    /// No two have the same.
    package var name: String
    package var revision: Int64
    package var created: Timestamp
    package var changed: Timestamp
    package var settings: PackageSettings
    /// How often it was downloaded.
    package var downloads: Int64
    /// How many of the devices there are enrolled by it.
    package var devices: Int64

    package init(
        id: InstallationPackageID, name: String, revision: Int64 = 1, created: Timestamp, changed: Timestamp,
        settings: PackageSettings, downloads: Int64 = 0, devices: Int64 = 0
    ) {
        self.id = id
        self.name = name
        self.revision = revision
        self.created = created
        self.changed = changed
        self.settings = settings
        self.downloads = downloads
        self.devices = devices
    }

    package var cursor: PackageCursor { PackageCursor(name: name) }
}

/// A device that enrolled by a package.
package struct PackageDeviceRecord: Hashable, Sendable {
    package var device: DeviceID
    package var name: String
    package var enrolled: Timestamp

    package var cursor: PackageDeviceCursor { PackageDeviceCursor(enrolled: enrolled, device: device) }
}

/// Where the list of packages goes on: behind this name.
package struct PackageCursor: Hashable, Sendable, LosslessStringConvertible {
    package var name: String

    package init(name: String) { self.name = name }

    package init?(_ description: String) {
        guard let bytes = Hexadecimal.bytes(description), let name = String(validating: bytes, as: UTF8.self) else { return nil }
        self.name = name
    }

    package var description: String { Hexadecimal.text(Array(name.utf8)) }
}

/// Where the list of a package's devices goes on.
package struct PackageDeviceCursor: Hashable, Sendable, LosslessStringConvertible {
    package var enrolled: Timestamp
    package var device: DeviceID

    package init(enrolled: Timestamp, device: DeviceID) {
        self.enrolled = enrolled
        self.device = device
    }

    package init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), let device = DeviceID(String(parts[1])) else { return nil }
        self.init(enrolled: Timestamp(milliseconds: time), device: device)
    }

    package var description: String { "\(enrolled.milliseconds).\(device)" }
}
