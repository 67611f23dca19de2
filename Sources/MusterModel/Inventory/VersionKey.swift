/// Bytes whose plain order (memcmp) is the order of versions, by the rules of the source they come from.
///
/// They are made when an application is stored, so that *older than 3.0.17* is a range of an index. Keys of different sources have
/// nothing to say to each other.
package enum VersionKey {
    /// - Parameter source: as in `InstalledApplication`; a source not known here is ordered by the bytes of the version itself.
    package static func make(source: String, version: String) -> [UInt8] {
        switch source {
        case "dpkg": DebianVersion(version).key
        case "python": PythonVersion(version).key
        default: Array(version.utf8)
        }
    }

    /// Appends a number so that longer numbers come later: its length, then its digits. Leading zeros do not count; no digits are 0.
    ///
    /// The length is one byte below 255 and five bytes from there on; nothing real comes near that.
    static func append(number digits: some Collection<UInt8>, to key: inout [UInt8]) {
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        let count = significant.count
        if count < 255 {
            key.append(UInt8(count))
        } else {
            let long = UInt32(clamping: count)
            key.append(255)
            key.append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: long >> (24 - 8 * $0)) })
        }
        key.append(contentsOf: significant)
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isASCIILetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
