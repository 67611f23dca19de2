import FoundationEssentials
package import MusterModel

/// A line a local program sends: `{"request":"sync"}`, `{"request":"status"}`, `{"request":"check"}`,
/// `{"request":"notice","notice":"suspend"}` or
/// `{"request":"event","type":"backup-failed","severity":"error","text":"…","parameters":{…}}`.
package enum ControlRequest: Hashable, Sendable {
    case synchronize
    case status
    case check
    /// `occurred` may be left out in JSON: then it is the time of reading.
    case raise(DeviceEvent)
    /// Takes the connection file that waits in the state directory.
    case takeConnectionFile
    case notice(SleepNotice)
}

/// What the unit around the device's sleep says.
package enum SleepNotice: String, Codable, CaseIterable, Sendable {
    case suspend, resume
}

extension ControlRequest: Codable {
    private enum Kind: String, Codable { case sync, status, check, event, connection, notice }
    private enum CodingKeys: String, CodingKey { case request, type, severity, text, parameters, occurred, notice }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .request) {
        case .sync: self = .synchronize
        case .status: self = .status
        case .check: self = .check
        case .connection: self = .takeConnectionFile
        case .notice: self = .notice(try container.decode(SleepNotice.self, forKey: .notice))
        case .event:
            self = .raise(
                DeviceEvent(
                    type: try container.decode(String.self, forKey: .type),
                    severity: try container.decode(Severity.self, forKey: .severity),
                    occurred: try container.decodeIfPresent(Timestamp.self, forKey: .occurred) ?? .now(),
                    parameters: try container.decodeIfPresent(Parameters.self, forKey: .parameters) ?? [:],
                    text: try container.decode(String.self, forKey: .text)))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .synchronize: try container.encode(Kind.sync, forKey: .request)
        case .status: try container.encode(Kind.status, forKey: .request)
        case .check: try container.encode(Kind.check, forKey: .request)
        case .takeConnectionFile: try container.encode(Kind.connection, forKey: .request)
        case .notice(let notice):
            try container.encode(Kind.notice, forKey: .request)
            try container.encode(notice, forKey: .notice)
        case .raise(let event):
            try container.encode(Kind.event, forKey: .request)
            try container.encode(event.type, forKey: .type)
            try container.encode(event.severity, forKey: .severity)
            try container.encode(event.text, forKey: .text)
            try container.encode(event.parameters, forKey: .parameters)
            try container.encode(event.occurred, forKey: .occurred)
        }
    }
}

/// The line that answers: an object with one member, named like the request, or `error`.
package enum ControlAnswer: Hashable, Sendable {
    case synchronized(SyncReport)
    case status(StatusReport)
    case checked(CheckReport)
    case raised(RaiseReport)
    case connected(ConnectionFileReport)
    /// Everything is sent that is to be sent.
    case noticed(SleepNotice)
    case refused(Refusal)

    package struct Refusal: Codable, Hashable, Sendable {
        /// An `AgentError.Code`.
        package var code: String
        package var reason: String
    }

    static func refused(_ error: AgentError) -> Self {
        .refused(Refusal(code: error.code.rawValue, reason: error.description))
    }
}

extension ControlAnswer: Codable {
    private enum CodingKeys: String, CodingKey { case sync, status, check, event, connection, notice, error }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let report = try container.decodeIfPresent(SyncReport.self, forKey: .sync) {
            self = .synchronized(report)
        } else if let report = try container.decodeIfPresent(StatusReport.self, forKey: .status) {
            self = .status(report)
        } else if let report = try container.decodeIfPresent(CheckReport.self, forKey: .check) {
            self = .checked(report)
        } else if let report = try container.decodeIfPresent(RaiseReport.self, forKey: .event) {
            self = .raised(report)
        } else if let report = try container.decodeIfPresent(ConnectionFileReport.self, forKey: .connection) {
            self = .connected(report)
        } else if let notice = try container.decodeIfPresent(SleepNotice.self, forKey: .notice) {
            self = .noticed(notice)
        } else {
            self = .refused(try container.decode(Refusal.self, forKey: .error))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .synchronized(let report): try container.encode(report, forKey: .sync)
        case .status(let report): try container.encode(report, forKey: .status)
        case .checked(let report): try container.encode(report, forKey: .check)
        case .raised(let report): try container.encode(report, forKey: .event)
        case .connected(let report): try container.encode(report, forKey: .connection)
        case .noticed(let notice): try container.encode(notice, forKey: .notice)
        case .refused(let refusal): try container.encode(refusal, forKey: .error)
        }
    }
}

/// JSON on one line; JSON has no line feed but between its tokens, and the encoder writes none there.
enum ControlJSON {
    static func line(_ value: some Encodable) throws(AgentError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")] } catch {
            throw AgentError(.internalError, "a control message could not be written as JSON", underlying: error)
        }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from line: [UInt8]) throws(AgentError) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(line)) } catch {
            throw AgentError(.controlProtocol, "the control socket's line is not understood: \(explanation(of: error))")
        }
    }

    private static func explanation(of error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, _): return "member '\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): return place(context)
        case nil: return "\(error)"
        @unknown default: return "\(error)"
        }
    }
}
