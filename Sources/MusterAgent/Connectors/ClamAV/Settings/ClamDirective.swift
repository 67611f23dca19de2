import MusterModel

/// How a setting stands in ClamAV's files. Rules only.
struct ClamDirective: Sendable {
    /// Which file it stands in.
    enum File: Hashable, Sendable { case clamd, freshclam, agent }

    private enum Form: Sendable {
        case flag, number, megabytes, paths, excluded, texts, duration
    }

    let key: String
    let file: File
    private let name: String
    private let form: Form
    /// ClamAV's own, where nothing stands there.
    private let standard: ManagedValue

    static let all = [
        Self(ClamAVKey.onAccessPaths, .clamd, "OnAccessIncludePath", .paths, .list([])),
        Self(ClamAVKey.onAccessPrevention, .clamd, "OnAccessPrevention", .flag, .onOff(false)),
        Self(ClamAVKey.exclusions, .clamd, "ExcludePath", .excluded, .list([])),
        Self(ClamAVKey.maximumFileSize, .clamd, "MaxFileSize", .megabytes, .number(100)),
        Self(ClamAVKey.maximumScanSize, .clamd, "MaxScanSize", .megabytes, .number(400)),
        Self(ClamAVKey.detectPUA, .clamd, "DetectPUA", .flag, .onOff(false)),
        Self(ClamAVKey.maximumThreads, .clamd, "MaxThreads", .number, .number(10)),
        Self(ClamAVKey.updateChecks, .freshclam, "Checks", .number, .number(12)),
        Self(ClamAVKey.privateMirrors, .freshclam, "PrivateMirror", .texts, .list([])),
        Self(ClamAVKey.databaseURLs, .freshclam, "DatabaseCustomURL", .texts, .list([])),
        Self(ClamAVKey.outdatedAfter, .agent, "OutdatedAfter", .duration, .duration(.days(7))),
    ]

    private init(_ key: String, _ file: File, _ name: String, _ form: Form, _ standard: ManagedValue) {
        self.key = key
        self.file = file
        self.name = name
        self.form = form
        self.standard = standard
    }

    /// What a file says, in the setting's own terms; what cannot be said in them is the text as it stands, which no setting is.
    func value(in configuration: ClamConfiguration) -> ManagedValue {
        let texts = configuration.values(name)
        guard let first = texts.first else { return standard }
        return switch form {
        case .flag: configuration.isOn(name).map { .onOff($0) } ?? .text(first)
        case .number: Int64(first).map { .number($0) } ?? .text(first)
        case .megabytes: Self.megabytes(first).map { .number($0) } ?? .text(first)
        case .paths, .texts: .list(texts)
        case .excluded: .list(texts.map(Self.excluded))
        case .duration: Duration(text: first).map { .duration($0) } ?? .text(first)
        }
    }

    /// - Throws: for what its file cannot say.
    func set(_ value: ManagedValue, in configuration: inout ClamConfiguration) throws(ConnectorError) {
        let texts: [String] =
            switch value {
            case .onOff(let isOn): [isOn ? "yes" : "no"]
            case .number(let number): [form == .megabytes ? "\(number)M" : String(number)]
            case .duration(let duration): [duration.text]
            case .list(let texts): form == .excluded ? try texts.map(pattern) : try texts.map(word)
            case .text, .secret: throw .settingNotAllowed(key, "another kind of value")
            }
        configuration.set(name, texts)
    }

    private func word(_ text: String) throws(ConnectorError) -> String {
        guard !text.contains("\""), text.last?.isWhitespace != true else {
            throw .settingNotAllowed(key, "without quotation marks and without a blank at its end")
        }
        return text
    }

    // MARK: Sizes

    private static func megabytes(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number < 1 << 50 else { return nil }
        switch text.dropFirst(digits.count) {
        case "M", "m": return number
        case "K", "k": return number % 1024 == 0 ? number / 1024 : nil
        case "": return number % (1024 * 1024) == 0 ? number / (1024 * 1024) : nil
        default: return nil
        }
    }

    // MARK: Paths as clamd's regular expressions

    private static let tail = "(/|$)"
    private static let special = Set("\\.[]{}()*+?^$|")

    /// What is excluded is the path itself and everything below it.
    private func pattern(_ path: String) throws(ConnectorError) -> String {
        let path = try word(path)
        let whole = path.count > 1 && path.last == "/" ? path.dropLast() : path[...]
        return "^" + whole.map { Self.special.contains($0) ? "\\\($0)" : String($0) }.joined() + Self.tail
    }

    /// The path; an expression that is none as it stands.
    private static func excluded(_ pattern: String) -> String {
        guard pattern.hasPrefix("^/"), pattern.hasSuffix(tail) else { return pattern }
        var (path, isEscaped) = ("", false)
        for character in pattern.dropFirst().dropLast(tail.count) {
            if isEscaped {
                path.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if special.contains(character) {
                return pattern
            } else {
                path.append(character)
            }
        }
        return isEscaped ? pattern : path
    }
}
