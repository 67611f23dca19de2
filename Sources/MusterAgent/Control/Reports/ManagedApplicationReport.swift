package import MusterModel

/// One managed application, as `muster-agent status` shows it.
package struct ManagedApplicationReport: Codable, Hashable, Sendable {
    package var application: ApplicationID
    package var version: String
    /// Code of an `ApplicationState`.
    package var state: String
    /// `none`, `applied` or `failed`.
    package var settings: String
    /// Why they failed.
    package var code: String?
    package var text: String?
    /// Keys of settings.
    package var changedLocally: [String]
    /// Keys that the device's owner forbids the server to set.
    package var restricted: [String]
    package var problems: [ApplicationProblem]
    package var facts: [ApplicationFact]

    init(_ report: ApplicationReport) {
        application = report.application
        version = report.version
        state = report.state.code
        switch report.outcome {
        case .none: settings = "none"
        case .applied: settings = "applied"
        case .failed(let code, let text):
            settings = "failed"
            (self.code, self.text) = (code, text)
        }
        (changedLocally, restricted) = (report.changedLocally, report.restricted)
        (problems, facts) = (report.problems, report.facts)
    }
}

extension ManagedApplicationReport {
    package var title: String { ApplicationManifest.builtIn(application)?.title ?? application.description }

    package var settingsText: String {
        switch settings {
        case "applied": "in force"
        case "failed": "NOT in force, the last good ones are: \(text ?? "") (\(code ?? ""))"
        default: "none applied"
        }
    }

    /// What is not as it should be, in a few words; nil: nothing.
    var trouble: String? {
        var parts: [String] = []
        if state == ApplicationState.failed.code || !problems.isEmpty {
            let subjects = problems.map { $0.subject.isEmpty ? $0.code : "\($0.code) \($0.subject)" }
            parts.append(subjects.isEmpty ? state : subjects.joined(separator: ", "))
        }
        if let code { parts.append("settings not in force (\(code))") }
        if !changedLocally.isEmpty { parts.append("changed locally: \(changedLocally.joined(separator: ", "))") }
        return parts.isEmpty ? nil : "\(title): \(parts.joined(separator: "; "))"
    }
}
