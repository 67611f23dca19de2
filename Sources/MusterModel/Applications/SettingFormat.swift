/// What a text in a setting must look like. A fixed list: a manifest from outside brings no patterns of its own.
package enum SettingFormat: String, Hashable, Sendable, CaseIterable {
    /// One line of anything that can be printed.
    case line
    /// A file or folder, from the root.
    case path
    /// `HOST[:PORT]`, port 13000 unless given.
    case serverAddress = "server-address"
    /// `http://[USER@]HOST[:PORT]`; a password is a setting of its own.
    case proxy
    /// A systemd unit, as `ssh.service`.
    case unit
    /// `http://`, `https://` or `file:///`, without blanks.
    case url
    /// A word of small letters, digits and hyphens.
    case word
    /// `NAME=value`, as a variable of a process's environment.
    case variable
    /// Lines of a script, at most 64 KiB.
    case script
    /// One argument of a program: may be empty, have several lines, and come twice in a list.
    case argument
    /// A package of APT, as `openssl`, `libc6:i386` or `nginx=1.22.1-9`.
    case package
    /// Where packages come from, by the label of their repository's `Release` file, and its suite where that matters too.
    case packageOrigin = "package-origin"
    /// Of a program, 0 to 255 in decimal digits.
    case exitCode = "exit-code"

    /// Of one text; longer ones fit into no file that a connector writes.
    package static let maximumBytes = 1024
    /// Of a script: longer ones are programs, and belong into a package.
    package static let maximumScriptBytes = 64 * 1024

    /// What is allowed, for people.
    package var allowed: String {
        switch self {
        case .line: "one line of at most \(Self.maximumBytes) bytes without control characters"
        case .path: "a path from the root, as /var/log"
        case .serverAddress: "HOST[:PORT]"
        case .proxy: "http://[USER@]HOST[:PORT]"
        case .unit: "the name of a systemd unit with its type, as ssh.service"
        case .url: "an address as https://HOST/PATH or file:///PATH"
        case .word: "small letters, digits and hyphens"
        case .variable: "NAME=value, the name of letters, digits and underscores"
        case .script: "a text of at most 64 KiB"
        case .argument: "a text of at most \(Self.maximumBytes) bytes"
        case .package: "the name of a package, as openssl, libc6:i386 or nginx=1.22.1-9"
        case .packageOrigin: "LABEL or LABEL:SUITE of a repository, as Debian-Security or Ubuntu:noble-security"
        case .exitCode: "an exit code, 0 to 255"
        }
    }

    package func accepts(_ text: String) -> Bool {
        if self == .script { return (1...Self.maximumScriptBytes).contains(text.utf8.count) && !text.utf8.contains(0) }
        if self == .argument { return text.utf8.count <= Self.maximumBytes && !text.utf8.contains(0) }
        guard Self.isLine(text), !text.isEmpty else { return false }
        return switch self {
        case .line: true
        case .path: text.hasPrefix("/") && !text.split(separator: "/").contains("..")
        case .serverAddress: ServerAddress(text) != nil
        case .proxy: ProxyAddress(text).map { $0.password.isEmpty } ?? false
        case .unit: Self.isUnit(text)
        case .url: Self.isURL(text)
        case .word: ApplicationID(text) != nil
        case .variable: Self.isVariable(text)
        case .package: PackageName(text) != nil
        case .packageOrigin: PackageOrigin(text) != nil
        // Written in one way alone: the same code twice is seen.
        case .exitCode: UInt8(text).map { String($0) == text } ?? false
        case .script, .argument: false
        }
    }

    /// Whether a text may stand in a list more than once.
    package var mayRepeat: Bool { self == .argument }

    private static func isLine(_ text: String) -> Bool {
        text.utf8.count <= maximumBytes
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
                default: true
                }
            }
    }

    private static func isVariable(_ text: String) -> Bool {
        let name = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        return name.count < text.utf8.count && name.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
            && name.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }
    }

    /// In the letters that a URL has, so that it is one word wherever it is written.
    private static func isURL(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://", "file:///"].first(where: { text.hasPrefix($0) }) else { return false }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        return rest.first.map { $0 != UInt8(ascii: "/") } == true
            && rest.allSatisfy { $0.isASCIILetterOrDigit || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains($0) }
    }

    private static let unitTypes = [".service", ".socket", ".timer", ".mount", ".path", ".target", ".swap", ".slice", ".scope"]

    /// systemd allows letters, digits and `:-_.\@` in a name of at most 255 bytes.
    private static func isUnit(_ text: String) -> Bool {
        guard text.utf8.count <= 255, let type = unitTypes.first(where: { text.hasSuffix($0) }) else { return false }
        let name = text.dropLast(type.count)
        return !name.isEmpty && name.first != "-"
            && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || ":-_.\\@".utf8.contains($0) }
    }
}
