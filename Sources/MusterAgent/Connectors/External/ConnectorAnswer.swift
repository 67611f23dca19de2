import MusterModel

/// Reads the answers of connectors, each with limits. What is past one, or of a wrong kind, is an error, and nothing of the answer is taken.
enum ConnectorAnswer {
    static let version: Int64 = 1
    /// What it says of an application: as much as people read, and half of what a report carries.
    static let maximumEntries = 64
    static let maximumEvents = 32
    static let maximumParameters = 8

    /// The answer to `hello`.
    struct Greeting: Hashable, Sendable {
        static let standardPeriod = Duration.seconds(60)

        let manifest: ExternalManifest
        /// Of the application.
        let version: String
        let period: Duration
    }

    static func isCode(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }

    /// - Parameter application: the name of its file.
    static func greeting(_ answer: JSONValue, of application: ApplicationID) throws(ConnectorError) -> Greeting {
        guard let spoken = answer["protocol"]?.number else { throw invalid("'protocol' is missing") }
        guard spoken == version else { throw invalid("it speaks protocol \(spoken), and this agent \(version)") }
        guard let value = answer["manifest"] else { throw invalid("'manifest' is missing") }
        let manifest: ExternalManifest
        do { manifest = try ExternalManifest(value) } catch {
            throw ConnectorError("manifest-invalid", "the manifest: \(error.text)")
        }
        guard manifest.application == application else {
            throw ConnectorError(
                "manifest-invalid", "the manifest is that of '\(manifest.application)', and the file's name is '\(application)'")
        }
        let period = answer["period"]
        guard let seconds = period == nil ? 60 : period?.number, (5...3600).contains(seconds) else {
            throw invalid("'period' is not 5 to 3600")
        }
        return Greeting(
            manifest: manifest, version: try line(answer["version"], "version", most: 64), period: .seconds(seconds))
    }

    /// The answer to `settings`. A value of a kind that the manifest does not name is there, and another one than it should be.
    static func settings(_ answer: JSONValue, _ manifest: ApplicationManifest) throws(ConnectorError) -> [String: ManagedValue] {
        guard let members = answer["settings"]?.object else { throw invalid("'settings' is no object") }
        var values: [String: ManagedValue] = [:]
        for declaration in manifest.settings {
            guard let value = members[declaration.key], value != .null else { continue }
            values[declaration.key] =
                declaration.type.value(of: value) ?? .text(String(decoding: value.json.prefix(64), as: UTF8.self))
        }
        return values
    }

    /// The answer to `look`.
    static func reading(_ answer: JSONValue, of application: ApplicationID, now: Timestamp) throws(ConnectorError)
        -> ConnectorReading
    {
        guard let state = answer["state"]?.text.flatMap({ ApplicationState(code: $0) }) else {
            throw invalid("'state' is none of \(ApplicationState.allCases.map(\.code).joined(separator: ", "))")
        }
        var reading = ConnectorReading(state: state)
        for problem in try list(answer["problems"], "problems", most: maximumEntries) {
            guard let code = problem["code"]?.text, isCode(code) else { throw invalid("the 'code' of a problem") }
            reading.problems.append(
                ApplicationProblem(code: code, subject: try line(problem["subject"], "the 'subject' of a problem", most: 255)))
        }
        for (name, text) in try members(answer["facts"], "facts") {
            guard ManagedLine.isFit(name, most: 100) else { throw invalid("the name of a fact") }
            reading.facts.append(ApplicationFact(name: name, text: try line(text, "the text of a fact", most: 255)))
        }
        for (name, number) in try members(answer["statistics"], "statistics") {
            guard let number = number.number, ManagedLine.isFit(name, most: 64) else { throw invalid("a statistic") }
            reading.statistics[name] = number
        }
        for event in try list(answer["events"], "events", most: maximumEvents) {
            reading.events.append(try self.event(event, of: application, now: now))
        }
        return reading
    }

    static func event(_ value: JSONValue, of application: ApplicationID, now: Timestamp) throws(ConnectorError)
        -> DeviceEvent
    {
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-".utf8)
        guard let type = value["type"]?.text, (1...23).contains(type.utf8.count), type.utf8.allSatisfy(allowed.contains) else {
            throw invalid("the 'type' of an event")
        }
        guard let severity = value["severity"]?.text.flatMap({ Severity(code: $0) }) else {
            throw invalid("the 'severity' of an event")
        }
        var parameters: Parameters = [:]
        let said = try members(value["parameters"], "the 'parameters' of an event")
        guard said.count <= maximumParameters else { throw invalid("the 'parameters' of an event") }
        for (name, value) in said {
            guard ManagedLine.isFit(name, most: 40) else { throw invalid("the name of a parameter") }
            switch value {
            case .number(let number): parameters[name] = .integer(number)
            default: parameters[name] = .text(try line(value, "a parameter of an event", most: 200))
            }
        }
        return DeviceEvent(
            type: "\(application).\(type)", severity: severity, occurred: now, parameters: parameters,
            text: try line(value["text"], "the 'text' of an event", most: 1000))
    }

    // MARK: Parts

    private static func list(_ value: JSONValue?, _ name: String, most: Int) throws(ConnectorError) -> [JSONValue] {
        guard let value else { return [] }
        guard let list = value.list, list.count <= most, list.allSatisfy({ $0.object != nil }) else {
            throw invalid("'\(name)' is no list of at most \(most) objects")
        }
        return list
    }

    /// By rising names.
    static func members(_ value: JSONValue?, _ name: String) throws(ConnectorError) -> [(key: String, value: JSONValue)] {
        guard let value else { return [] }
        guard let members = value.object, members.count <= maximumEntries else {
            throw invalid("'\(name)' is no object of at most \(maximumEntries) members")
        }
        return members.sorted { $0.key < $1.key }
    }

    /// Left out is empty.
    static func line(_ value: JSONValue?, _ name: String, most: Int) throws(ConnectorError) -> String {
        guard let value else { return "" }
        guard let text = value.text, text.isEmpty || ManagedLine.isFit(text, most: most) else {
            throw invalid("\(name) is no line of at most \(most) bytes")
        }
        return text
    }

    static func invalid(_ what: String) -> ConnectorError {
        ConnectorError("answer-invalid", "the connector gave an answer that is none: \(what); mend the connector")
    }
}

/// One line of text.
enum ManagedLine {
    static func isFit(_ text: String, most: Int) -> Bool { text.utf8.count <= most && SettingFormat.line.accepts(text) }
}

extension ConnectorRequest {
    /// - Parameter report: what was reported last.
    static func look(after report: ApplicationReport?) -> Self {
        guard let report else { return Self(name: look, members: ["before": .null]) }
        let problems = report.problems.filter { $0.code != ApplicationProblem.connectorFailed }
        let facts = Dictionary(report.facts.map { ($0.name, JSONValue.text($0.text)) }) { first, _ in first }
        let before: [String: JSONValue] = [
            "state": .text(report.state.code), "facts": .object(facts),
            "problems": .list(problems.map { .object(["code": .text($0.code), "subject": .text($0.subject)]) }),
        ]
        return Self(name: look, members: ["before": .object(before)])
    }
}
