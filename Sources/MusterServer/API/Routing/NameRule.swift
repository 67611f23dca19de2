import MusterAPI

/// Names people give: 1 to 255 bytes of UTF-8 that show as one line, without spaces at the ends.
enum NameRule {
    static func check(_ name: String, member: String, mayBeEmpty: Bool = false) throws(Problem) {
        let allowed = ChangeDevice.allowedBytes
        let isFit =
            (mayBeEmpty && name.isEmpty)
            || (allowed.contains(name.utf8.count) && name.first != " " && name.last != " "
                && name.unicodeScalars.allSatisfy { !isControl($0) })
        guard isFit else {
            throw .member(
                member, "It is not a name: control characters and spaces at its ends are not allowed.",
                allowed: "\(allowed.lowerBound)…\(allowed.upperBound) bytes")
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate: true
        default: false
        }
    }
}
