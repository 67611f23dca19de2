package import MusterModel

/// One installed application on one device.
package struct InstalledEntry: Codable, Sendable, Hashable {
    package var device: DeviceID
    package var deviceName: String
    package var name: String
    package var version: String
    /// As the source writes it: `amd64`, `all`; may be empty.
    package var architecture: String
    /// The package system that has it: `dpkg` …
    package var source: String
    /// Installed size in bytes; absent when unknown.
    package var size: UInt64?
    /// When the server first heard of it on this device.
    package var firstSeen: Timestamp

    package init(
        device: DeviceID, deviceName: String, name: String, version: String, architecture: String, source: String,
        size: UInt64?, firstSeen: Timestamp
    ) {
        self.device = device
        self.deviceName = deviceName
        self.name = name
        self.version = version
        self.architecture = architecture
        self.source = source
        self.size = size
        self.firstSeen = firstSeen
    }
}

/// How a search compares versions, by the source's own ordering (dpkg: deb-version(7)). The raw value is the `op` of the query.
package enum VersionOperator: String, CaseIterable, Codable, Sendable {
    case less = "lt"
    case lessOrEqual = "le"
    case equal = "eq"
    case greaterOrEqual = "ge"
    case greater = "gt"

    /// As people write it.
    package var symbol: String {
        switch self {
        case .less: "<"
        case .lessOrEqual: "<="
        case .equal: "="
        case .greaterOrEqual: ">="
        case .greater: ">"
        }
    }
}

/// What `installed find` looks for: a name, or a name and a version to compare with: `openssl < 3.0.17`.
package struct InstalledQuery: Hashable, Sendable {
    package var name: String
    package var comparison: VersionOperator?
    package var version: String?

    package init(name: String, comparison: VersionOperator? = nil, version: String? = nil) {
        self.name = name
        self.comparison = comparison
        self.version = version
    }

    /// Nil unless `text` is `NAME` or `NAME OP VERSION`; spaces around OP may be left out.
    package init?(text: String) {
        let isOperator: (Character) -> Bool = { "<=>".contains($0) }
        guard let start = text.firstIndex(where: isOperator) else {
            let name = Self.trimmed(text[...])
            guard !name.isEmpty, !name.contains(" ") else { return nil }
            self.init(name: name)
            return
        }
        let end = text[start...].firstIndex { !isOperator($0) } ?? text.endIndex
        let symbol = text[start..<end] == "==" ? "=" : String(text[start..<end])
        let name = Self.trimmed(text[..<start])
        let version = Self.trimmed(text[end...])
        guard !name.isEmpty, !version.isEmpty, !name.contains(" "), !version.contains(" "),
            let comparison = VersionOperator.allCases.first(where: { $0.symbol == symbol })
        else { return nil }
        self.init(name: name, comparison: comparison, version: version)
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}
