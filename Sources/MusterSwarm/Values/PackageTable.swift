package import MusterModel
package import MusterWire

/// Debian packages with their versions, from `Resources/packages.txt`: what the devices of a fleet have installed. Each is kept as the bytes
/// it takes in the document, so that a device's list is put together by copying.
package struct PackageTable: Sendable {
    package struct Row: Sendable {
        package let application: InstalledApplication
        /// The version a security update brought; some devices have it already.
        package let updated: InstalledApplication
        fileprivate let item: [UInt8]
        fileprivate let updatedItem: [UInt8]

        fileprivate init(_ application: InstalledApplication) {
            self.application = application
            var updated = application
            updated.version = PackageTable.updated(application.version)
            self.updated = updated
            item = PackageTable.encoded(application)
            updatedItem = PackageTable.encoded(updated)
        }
    }

    /// What one device has of a row.
    package enum Choice: Hashable, Sendable { case none, present, updated }

    package static let standard = PackageTable(text: String(decoding: PackageResources.packages_txt, as: UTF8.self))

    /// In the order of the document's keys.
    package let rows: [Row]

    /// - Parameter text: a package a line: name, version, architecture, installed size in KiB. Other lines are left out.
    package init(text: String) {
        let rows = text.split(separator: "\n").compactMap { line -> Row? in
            let fields = line.split(separator: " ")
            guard fields.count == 4, let size = UInt64(fields[3]), size < 1 << 40 else { return nil }
            return Row(
                InstalledApplication(
                    source: "dpkg", name: String(fields[0]), version: String(fields[1]), architecture: String(fields[2]),
                    size: size * 1024))
        }
        self.init(rows: rows)
    }

    private init(rows: [Row]) { self.rows = rows.sorted { $0.item.dropFirst(4).lexicographicallyPrecedes($1.item.dropFirst(4)) } }

    /// The first so many of these; where there are not so many, with the debugging symbols of some besides.
    package func with(rows count: Int) -> PackageTable {
        let more = rows.prefix(max(0, count - rows.count)).map { row in
            var application = row.application
            application.name += "-dbgsym"
            return Row(application)
        }
        return PackageTable(rows: rows.prefix(count) + more)
    }

    /// The document of a device that chose so, row by row.
    package func document(choosing choose: (Int) -> Choice) -> Document {
        var body: [UInt8] = []
        body.reserveCapacity(rows.count * 64)
        for (index, row) in rows.enumerated() {
            switch choose(index) {
            case .none: break
            case .present: body += row.item
            case .updated: body += row.updatedItem
            }
        }
        return (try? Document(encoded: body)) ?? .empty
    }

    /// `1.2-3` → `1.2-3+deb12u1` → `1.2-3+deb12u2`.
    private static func updated(_ version: String) -> String {
        guard let mark = version.utf8.lastIndex(of: UInt8(ascii: "u")), version[..<mark].hasSuffix("+deb12"),
            let number = Int(version[version.index(after: mark)...])
        else { return version + "+deb12u1" }
        return "\(version[...mark])\(number &+ 1)"
    }

    private static func encoded(_ application: InstalledApplication) -> [UInt8] {
        let item = Document.Item(application)
        var bytes: [UInt8] = []
        bytes.append(counted: item.key)
        bytes.append(counted: item.value)
        return bytes
    }
}
