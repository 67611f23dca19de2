import MusterModel

/// Text from devices cut to what an index takes. PostgreSQL refuses index rows past 2,704 bytes: source 64 + name 512 + architecture 64 +
/// version 512 + size stay below, and so do name 512 + source 64 + version key (at most twice the version and a few, 1,040).
enum BoundedText {
    static let name = 512
    static let word = 64
    static let deviceName = 255
    /// In no index: what people say of a change, and applications of a failure.
    static let sentence = 1_000

    static func cut(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return SQLValue.storable(text) }
        var cut = ""
        var count = 0
        for scalar in SQLValue.storable(text).unicodeScalars {
            count += scalar.utf8.count
            guard count <= limit else { break }
            cut.unicodeScalars.append(scalar)
        }
        return cut
    }
}

extension InstalledApplication {
    /// As it is stored: nothing longer than an index takes, size within 63 bits.
    var bounded: Self {
        Self(
            source: BoundedText.cut(source, to: BoundedText.word), name: BoundedText.cut(name, to: BoundedText.name),
            version: BoundedText.cut(version, to: BoundedText.name),
            architecture: BoundedText.cut(architecture, to: BoundedText.word), size: min(size, UInt64(Int64.max)))
    }
}
