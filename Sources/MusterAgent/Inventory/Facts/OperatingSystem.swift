/// What `os-release` says of the operating system.
struct OperatingSystem: Hashable, Sendable {
    /// A code: `debian`.
    var id = "linux"
    /// `Debian GNU/Linux`.
    var name = "Linux"
    /// `12`; empty for a distribution without versions.
    var version = ""
    /// `Debian GNU/Linux 12 (bookworm)`.
    var prettyName = ""

    static func read(_ root: RootPath) -> Self {
        let lines = root.lines("etc/os-release")
        return Self(lines: lines.isEmpty ? root.lines("usr/lib/os-release") : lines)
    }

    init(lines: [Substring]) {
        var values: [Substring: String] = [:]
        for line in lines where !line.hasPrefix("#") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[line[..<equals]] = Self.unquoted(line[line.index(after: equals)...])
        }
        id = values["ID"] ?? id
        name = values["NAME"] ?? name
        version = values["VERSION_ID"] ?? values["VERSION_CODENAME"] ?? values["BUILD_ID"] ?? version
        prettyName = values["PRETTY_NAME"] ?? prettyName
    }

    /// As a shell reads it: quotes around it fall, a backslash keeps the character after it.
    private static func unquoted(_ value: Substring) -> String {
        var value = value
        if let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote {
            value = value.dropFirst().dropLast()
            if quote == "'" { return String(value) }
        }
        var text = ""
        var isEscaped = false
        for character in value {
            if character == "\\" && !isEscaped {
                isEscaped = true
            } else {
                text.append(character)
                isEscaped = false
            }
        }
        return text
    }
}
