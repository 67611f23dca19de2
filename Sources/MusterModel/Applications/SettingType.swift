import FoundationEssentials

/// What values a setting takes.
package enum SettingType: Hashable, Sendable {
    case onOff
    case number(ClosedRange<Int64>)
    case duration(ClosedRange<Duration>)
    case choice([String])
    case text(SettingFormat)
    /// Of different texts, unless their format may repeat. - Parameter of: at most so many.
    case list(SettingFormat, maximum: Int)
    /// One of these each; different ones.
    case choices([String])
    /// Of at most 1,024 bytes.
    case secret

    /// For people, in errors and manifests.
    package var allowed: String {
        switch self {
        case .onOff: "on or off"
        case .number(let range): "\(range.lowerBound)…\(range.upperBound)"
        case .duration(let range): "\(range.lowerBound.text)…\(range.upperBound.text)"
        case .choice(let choices): "one of " + choices.joined(separator: ", ")
        case .choices(let choices): "any of " + choices.joined(separator: ", ")
        case .text(let format): format.allowed
        case .list(let format, let maximum):
            "at most \(maximum)\(format.mayRepeat ? "" : " different ones"), each \(format.allowed)"
        case .secret: "at most \(SettingFormat.maximumBytes) bytes"
        }
    }

    package func accepts(_ value: ManagedValue) -> Bool {
        switch (self, value) {
        case (.onOff, .onOff), (.secret, .secret): true
        case (.number(let range), .number(let number)): range.contains(number)
        case (.duration(let range), .duration(let duration)): range.contains(duration)
        case (.choice(let choices), .text(let text)): choices.contains(text)
        case (.choices(let choices), .list(let texts)): Self.areDifferent(texts) && texts.allSatisfy(choices.contains)
        case (.text(let format), .text(let text)): format.accepts(text)
        case (.list(let format, let maximum), .list(let texts)):
            texts.count <= maximum && (format.mayRepeat || Self.areDifferent(texts)) && texts.allSatisfy(format.accepts)
        default: false
        }
    }

    private static func areDifferent(_ texts: [String]) -> Bool { Set(texts).count == texts.count }

    /// A value as people type it: `on`, `15m`, `a,b` or `["a","b"]` (nothing: an empty list). Not for secrets, which are sealed first.
    /// - Returns: nil for what is not allowed.
    package func value(of text: String) -> ManagedValue? {
        let value: ManagedValue? =
            switch self {
            case .onOff: Self.onOff(text).map { .onOff($0) }
            case .number: Int64(text).map { .number($0) }
            case .duration: Duration(text: text).map { .duration($0) }
            case .choice, .text: .text(text)
            case .list, .choices: .list(Self.parts(text))
            case .secret: nil
            }
        return value.flatMap { accepts($0) ? $0 : nil }
    }

    /// What is wrong with a text that cannot be told from how it begins.
    package func trouble(with text: String) -> String? {
        guard case .text(let format) = self else { return text.utf8.contains(0) ? "A text with a NUL byte" : nil }
        if let place = text.utf8.enumerated().first(where: { $0.element == 0 })?.offset {
            return "A text with a NUL byte, its byte \(place + 1),"
        }
        let maximum = format == .script ? SettingFormat.maximumScriptBytes : SettingFormat.maximumBytes
        return text.utf8.count > maximum ? "A text of \(text.utf8.count) bytes" : text.isEmpty ? "An empty text" : nil
    }

    private static func onOff(_ text: String) -> Bool? {
        switch text {
        case "on", "yes", "true": true
        case "off", "no", "false": false
        default: nil
        }
    }

    /// Of a JSON array: for texts with commas, with blanks at their ends, and empty ones. What is none, as `[::1]:13000`, is no array.
    private static func texts(_ text: String) -> [String]? {
        guard text.hasPrefix("[") else { return nil }
        return try? JSONDecoder().decode([String].self, from: Data(text.utf8))
    }

    private static func parts(_ text: String) -> [String] {
        if let texts = Self.texts(text) { return texts }
        return text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            var part = part
            while part.first == " " { part.removeFirst() }
            while part.last == " " { part.removeLast() }
            return String(part)
        }.filter { !$0.isEmpty }
    }
}
