import MusterAPI

/// Names people give: 1 to 255 bytes of UTF-8 that show as one line, without spaces at the ends.
enum NameRule {
    static func check(_ name: String, member: String, mayBeEmpty: Bool = false) throws(Problem) {
        let allowed = ChangeDevice.allowedBytes
        guard !name.isEmpty || !mayBeEmpty, let fault = fault(name, allowed) else { return }
        throw .member(
            member, "It is not a name: \(fault).", allowed: "\(allowed.lowerBound)…\(allowed.upperBound) bytes")
    }

    private static func fault(_ name: String, _ allowed: ClosedRange<Int>) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.utf8.count > allowed.upperBound { return "it has \(name.utf8.count) bytes" }
        if name.first == " " || name.last == " " { return "spaces at its ends are not allowed" }
        return name.unicodeScalars.contains(where: isControl) ? "control characters are not allowed" : nil
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate: true
        default: false
        }
    }
}
