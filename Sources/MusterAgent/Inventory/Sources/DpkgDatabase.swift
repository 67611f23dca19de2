import MusterModel

/// dpkg's packages as its `status` and the journal in `updates` say, put together: rules only.
///
/// A package counts as installed while its files are there: `installed`, `unpacked`, `half-configured`, `triggers-awaited`,
/// `triggers-pending`. `half-installed` counts when it has a version: dpkg is replacing or removing what was there, and an update must
/// not look like a removal while it runs. (A first installation has no version until it is unpacked.)
struct DpkgDatabase {
    static let fields = ["Package", "Status", "Version", "Architecture", "Installed-Size"]

    private struct Key: Hashable {
        var name: String
        var architecture: String
    }

    private var packages: [Key: InstalledApplication] = [:]

    /// A paragraph of `fields`; later ones replace earlier ones.
    /// - Returns: false when it has no package name: the file is damaged.
    mutating func paragraphRead(_ paragraph: ControlParser.Paragraph) -> Bool {
        guard paragraph.count == Self.fields.count, let name = paragraph[0], !name.isEmpty else { return false }
        let key = Key(name: name, architecture: paragraph[3] ?? "")
        guard Self.isPresent(status: paragraph[1], version: paragraph[2]) else {
            remove(key)
            return true
        }
        let kibibytes = paragraph[4].flatMap { UInt64($0) } ?? 0
        packages[key] = InstalledApplication(
            source: "dpkg", name: name, version: paragraph[2] ?? "", architecture: key.architecture,
            size: kibibytes.multipliedReportingOverflow(by: 1024).overflow ? 0 : kibibytes * 1024)
        return true
    }

    /// By name, then architecture.
    var applications: [InstalledApplication] {
        packages.values.sorted { ($0.name, $0.architecture) < ($1.name, $1.architecture) }
    }

    /// A package that is gone may be written without its architecture: then the only one of that name is meant.
    private mutating func remove(_ key: Key) {
        if packages.removeValue(forKey: key) != nil || !key.architecture.isEmpty { return }
        let named = packages.keys.filter { $0.name == key.name }
        if named.count == 1 { packages[named[0]] = nil }
    }

    /// - Parameter status: three words: what is wanted, whether a reinstallation is needed, the state.
    private static func isPresent(status: String?, version: String?) -> Bool {
        guard let state = status?.split(separator: " ").last else { return false }
        switch state {
        case "installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending": return true
        case "half-installed": return version?.isEmpty == false
        default: return false
        }
    }
}
