/// Reads what a manifest from outside says of its settings and tasks: types from a fixed list, formats by their names.
enum ManifestReader {
    /// Scripts are for tasks.
    static let formats = SettingFormat.allCases.filter { $0 != .script }
    private static let longest: Int64 = 10 * 365 * 86_400
    private static let choiceBytes = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-".utf8)

    static func isLine(_ text: String, most: Int) -> Bool { text.utf8.count <= most && SettingFormat.line.accepts(text) }

    /// - Parameter whose: as *it has the setting … twice* begins.
    static func settings(_ values: [JSONValue], of whose: String) throws(ManifestFault) -> [SettingDeclaration] {
        try each(values, setting, named: \.key) { "\(whose) has the setting '\($0)' twice" }
    }

    private static func each<Declaration>(
        _ values: [JSONValue], _ read: (JSONValue) throws(ManifestFault) -> Declaration, named name: (Declaration) -> String,
        twice: (String) -> String
    ) throws(ManifestFault) -> [Declaration] {
        var (declarations, names): ([Declaration], Set<String>) = ([], [])
        for value in values {
            let declaration = try read(value)
            guard names.insert(name(declaration)).inserted else { throw ManifestFault(twice(name(declaration))) }
            declarations.append(declaration)
        }
        return declarations
    }

    private static func setting(_ value: JSONValue) throws(ManifestFault) -> SettingDeclaration {
        guard let key = value["key"]?.text.flatMap({ ApplicationID($0) })?.description else {
            throw ManifestFault(
                "the 'key' of a setting is not 1 to 40 small letters, digits and hyphens, beginning with a letter")
        }
        let type = try type(value, of: key)
        let (title, help) = try words(value, of: key)
        return SettingDeclaration(key, type, standard: try standard(value["default"], type, of: key), title: title, help: help)
    }

    private static func words(_ value: JSONValue, of name: String) throws(ManifestFault) -> (title: String, help: String) {
        guard let title = value["title"]?.text, isLine(title, most: 80) else {
            throw ManifestFault("the 'title' of '\(name)' is not one line of 1 to 80 bytes")
        }
        let help = value["help"]
        guard let help = help == nil ? "" : help?.text, help.isEmpty || isLine(help, most: 400) else {
            throw ManifestFault("the 'help' of '\(name)' is not one line of at most 400 bytes")
        }
        return (title, help)
    }

    private static func standard(_ value: JSONValue?, _ type: SettingType, of key: String) throws(ManifestFault) -> ManagedValue?
    {
        guard let value else { return nil }
        guard type != .secret, let standard = type.value(of: value), type.accepts(standard) else {
            throw ManifestFault("the 'default' of '\(key)' is not allowed (\(type.allowed))")
        }
        return standard
    }

    private static func type(_ value: JSONValue, of key: String) throws(ManifestFault) -> SettingType {
        switch value["type"]?.text {
        case "switch": return .onOff
        case "secret": return .secret
        case "number": return .number(try range(value, within: .min ... .max, of: key))
        case "duration":
            let range = try range(value, within: 0...longest, of: key)
            return .duration(.seconds(range.lowerBound)...(.seconds(range.upperBound)))
        case "choice": return .choice(try choices(value, of: key))
        case "choices": return .choices(try choices(value, of: key))
        case "text": return .text(try format(value, of: key))
        case "list":
            guard let maximum = value["maximum"]?.number, (1...256).contains(maximum) else {
                throw ManifestFault("the 'maximum' of '\(key)' is not 1 to 256")
            }
            return .list(try format(value, of: key), maximum: Int(maximum))
        default: throw ManifestFault("the 'type' of '\(key)' is none that there is")
        }
    }

    private static func range(
        _ value: JSONValue, within allowed: ClosedRange<Int64>, of key: String
    ) throws(ManifestFault) -> ClosedRange<Int64> {
        guard let least = value["minimum"]?.number, let most = value["maximum"]?.number, least <= most,
            allowed.contains(least), allowed.contains(most)
        else {
            throw ManifestFault(
                "'minimum' and 'maximum' of '\(key)' are not two numbers, the lesser first, that are allowed there")
        }
        return least...most
    }

    private static func choices(_ value: JSONValue, of key: String) throws(ManifestFault) -> [String] {
        let choices = (value["choices"]?.list ?? []).map { $0.text ?? "" }
        let areWords = choices.allSatisfy { (1...64).contains($0.utf8.count) && $0.utf8.allSatisfy(choiceBytes.contains) }
        guard (1...64).contains(choices.count), areWords, Set(choices).count == choices.count else {
            throw ManifestFault("the 'choices' of '\(key)' are not 1 to 64 different words of letters, digits and ._-")
        }
        return choices
    }

    private static func format(_ value: JSONValue, of key: String) throws(ManifestFault) -> SettingFormat {
        guard let format = value["format"]?.text.flatMap({ SettingFormat(rawValue: $0) }), formats.contains(format) else {
            let known = formats.map(\.rawValue).joined(separator: ", ")
            throw ManifestFault("the 'format' of '\(key)' is none of \(known)")
        }
        return format
    }
}

extension ManifestReader {
    /// Left out: it has none.
    static func tasks(_ value: JSONValue?) throws(ManifestFault) -> [TaskTypeDeclaration] {
        guard let value else { return [] }
        guard let list = value.list, list.count <= ExternalManifest.maximumTasks else {
            throw ManifestFault("its 'tasks' are not a list of at most \(ExternalManifest.maximumTasks)")
        }
        return try each(list, task, named: \.type) { "it has the task '\($0)' twice" }
    }

    private static func task(_ value: JSONValue) throws(ManifestFault) -> TaskTypeDeclaration {
        guard let type = value["type"]?.text.flatMap({ ApplicationID($0) })?.description else {
            throw ManifestFault(
                "the 'type' of a task is not 1 to 40 small letters, digits and hyphens, beginning with a letter")
        }
        let (title, help) = try words(value, of: type)
        let limited = value["limited"]
        // It runs a program of somebody's: limited, unless it says otherwise.
        guard let isLimited = limited == nil ? true : limited?.flag else {
            throw ManifestFault("'limited' of '\(type)' is neither true nor false")
        }
        let said = value["settings"]
        guard let values = said == nil ? [] : said?.list, values.count <= ExternalManifest.maximumSettingsOfTask else {
            throw ManifestFault(
                "the 'settings' of '\(type)' are not a list of at most \(ExternalManifest.maximumSettingsOfTask)")
        }
        let settings = try settings(values, of: "'\(type)'")
        return TaskTypeDeclaration(
            type, title: title, help: help, isLimitedByReach: isLimited, settings: settings,
            required: try required(values, settings))
    }

    /// - Parameter settings: read from `values`, in their order.
    private static func required(_ values: [JSONValue], _ settings: [SettingDeclaration]) throws(ManifestFault) -> Set<String> {
        var keys: Set<String> = []
        for (value, setting) in zip(values, settings) {
            guard let required = value["required"] else { continue }
            guard let isRequired = required.flag else {
                throw ManifestFault("'required' of '\(setting.key)' is neither true nor false")
            }
            if isRequired { keys.insert(setting.key) }
        }
        return keys
    }
}

/// Values of settings as connectors say and hear them: a duration in seconds, a secret as a text.
extension SettingType {
    /// Nil for JSON of a kind that no value of this type has. It may still be one that is not allowed.
    package func value(of json: JSONValue) -> ManagedValue? {
        switch (self, json) {
        case (.onOff, .flag(let isOn)): return .onOff(isOn)
        case (.number, .number(let number)): return .number(number)
        case (.duration, .number(let seconds)): return .duration(.seconds(seconds))
        case (.choice, .text(let text)), (.text, .text(let text)): return .text(text)
        case (.secret, .text(let text)): return .secret(SecretValue(bytes: Array(text.utf8)))
        case (.list, .list(let values)), (.choices, .list(let values)):
            let texts = values.compactMap(\.text)
            return texts.count == values.count ? .list(texts) : nil
        default: return nil
        }
    }
}

extension JSONValue {
    /// Nil for what cannot be said: a duration that is not whole seconds, a secret that is no text.
    package init?(_ value: ManagedValue) {
        switch value {
        case .onOff(let isOn): self = .flag(isOn)
        case .number(let number): self = .number(number)
        case .text(let text): self = .text(text)
        case .list(let texts): self = .list(texts.map { .text($0) })
        case .duration(let duration):
            guard duration.milliseconds % 1000 == 0 else { return nil }
            self = .number(duration.milliseconds / 1000)
        case .secret(let secret):
            guard let text = String(validating: secret.bytes, as: UTF8.self) else { return nil }
            self = .text(text)
        }
    }
}
