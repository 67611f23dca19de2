import Foundation

/// All that is in a directory: names, modes, times and contents. Equal when nothing was touched.
struct DirectorySnapshot: Equatable {
    struct Entry: Equatable {
        var mode: Int
        var changed: Date
        var content: Data?
    }

    private(set) var entries: [String: Entry] = [:]

    init(_ path: String) throws {
        for name in [""] + (try FileManager.default.subpathsOfDirectory(atPath: path)) {
            let file = path + "/" + name
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            entries[name] = Entry(
                mode: attributes[.posixPermissions] as? Int ?? 0, changed: attributes[.modificationDate] as? Date ?? .distantPast,
                content: FileManager.default.contents(atPath: file))
        }
    }

    /// Without the directory itself.
    var names: Set<String> { Set(entries.keys).subtracting([""]) }
}
