import MusterModel

/// A line from a connector.
enum ConnectorMessage: Hashable, Sendable {
    case answer(id: Int64, JSONValue)
    case failure(id: Int64, ConnectorError)
    /// What it says by itself: its name, and the whole object.
    case notice(String, JSONValue)

    static let maximumErrorText = 1000

    /// - Throws: for what is no message.
    init(line: [UInt8]) throws(ConnectorFault) {
        let value: JSONValue
        do { value = try JSONValue(json: line) } catch { throw ConnectorFault("it said what is no JSON: \(error.text)") }
        guard value.object != nil else { throw ConnectorFault("it said a line that is no JSON object") }
        if let notice = value["notice"]?.text {
            self = .notice(notice, value)
            return
        }
        guard let id = value["id"]?.number else { throw ConnectorFault("it said a line without 'id' and 'notice'") }
        if let error = value["error"] {
            self = .failure(id: id, try Self.error(error))
        } else if let answer = value["answer"], answer.object != nil {
            self = .answer(id: id, answer)
        } else {
            throw ConnectorFault("it said a line without 'answer' and 'error'")
        }
    }

    private static func error(_ value: JSONValue) throws(ConnectorFault) -> ConnectorError {
        guard let code = value["code"]?.text, ConnectorAnswer.isCode(code) else {
            throw ConnectorFault("it said an error whose code is not 1 to 64 letters, digits and hyphens")
        }
        return ConnectorError(code, (value["text"]?.text ?? code).cut(toBytes: maximumErrorText))
    }
}

/// What a connector says by itself; others mean nothing.
enum ConnectorNotice {
    /// It wants to be looked at.
    static let changed = "changed"
    /// How far a task is.
    static let progress = "progress"
    /// Something happened during a task.
    static let event = "event"
}

/// What the agent asks.
struct ConnectorRequest: Sendable {
    static let helloName = "hello"
    static let look = "look"
    static let settings = "settings"
    static let apply = "apply"
    static let run = "run"

    let name: String
    var members: [String: JSONValue] = [:]

    /// With its end; a secret in it stays in the pipe.
    func line(id: Int64) -> [UInt8] {
        JSONValue.object(members.merging(["id": .number(id), "request": .text(name)]) { $1 }).json + [UInt8(ascii: "\n")]
    }
}

extension ConnectorRequest {
    static func apply(_ settings: [String: ManagedValue]) throws(ConnectorError) -> Self {
        Self(name: apply, members: ["settings": try said(settings)])
    }

    /// - Parameter task: with open secrets.
    static func run(_ task: TaskDefinition) throws(ConnectorError) -> Self {
        Self(
            name: run,
            members: ["task": .text(task.type), "name": .text(task.name), "settings": try said(task.settings)])
    }

    private static func said(_ settings: [String: ManagedValue]) throws(ConnectorError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for (key, value) in settings {
            guard let said = JSONValue(value) else {
                if case .secret = value { throw .settingNotAllowed(key, "a text") }
                throw .settingNotAllowed(key, "whole seconds")
            }
            members[key] = said
        }
        return .object(members)
    }
}
