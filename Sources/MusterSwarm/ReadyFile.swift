import FoundationEssentials

/// The file a server writes when it serves; each start writes it anew.
struct ReadyFile: Sendable {
    private let path: String

    init(_ path: String) { self.path = path }

    /// Nil when there is none.
    var written: Date? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.modificationDate] as? Date
    }
}
