import FoundationEssentials
package import MusterModel
import SwiftProtobuf

/// Document `applications`: key = the application's id; value = `ApplicationItem`.
extension Document {
    package init(applications: some Sequence<ApplicationReport>) {
        self.init(
            sorting: applications.map {
                Item(
                    key: Array($0.application.description.utf8),
                    value: (try? Muster_V1_ApplicationItem($0).serializedBytes()) ?? [])
            })
    }

    /// - Throws: `malformedDocument` for a key or value that is no managed application.
    package func applications() throws(WireError) -> [ApplicationReport] {
        var reports: [ApplicationReport] = []
        for item in items() { reports.append(try ApplicationReport(item)) }
        return reports
    }
}

extension ApplicationReport {
    /// Lists in an item are cut to this: more is no state that anyone reads.
    package static let maximumEntries = 256

    fileprivate init(_ item: Document.Item) throws(WireError) {
        guard let application = ApplicationID(String(decoding: item.key, as: UTF8.self)) else {
            throw .malformedDocument("the key of a managed application is its id")
        }
        guard let value = try? Muster_V1_ApplicationItem(serializedBytes: item.value) else {
            throw .malformedDocument("the value of a managed application is damaged")
        }
        self.init(
            application: application, version: value.version, state: ApplicationState(rawValue: value.state.rawValue) ?? .unknown,
            outcome: SettingsOutcome(value), settings: Digest(bytes: Array(value.settings)),
            changedLocally: Array(value.changedLocally.prefix(Self.maximumEntries)),
            restricted: Array(value.restricted.prefix(Self.maximumEntries)),
            problems: value.problems.prefix(Self.maximumEntries).map { ApplicationProblem(code: $0.code, subject: $0.subject) },
            facts: value.facts.prefix(Self.maximumEntries).map { ApplicationFact(name: $0.name, text: $0.text) })
    }
}

extension SettingsOutcome {
    fileprivate init(_ item: Muster_V1_ApplicationItem) {
        switch item.result {
        case .applied: self = .applied
        case .failed: self = .failed(code: item.code, text: item.text)
        default: self = .none
        }
    }
}

extension Muster_V1_ApplicationItem {
    fileprivate init(_ report: ApplicationReport) {
        self.init()
        version = report.version
        state = Muster_V1_ApplicationCondition(rawValue: report.state.rawValue) ?? .unknown
        switch report.outcome {
        case .none: result = .none
        case .applied: result = .applied
        case .failed(let code, let text):
            result = .failed
            self.code = code
            self.text = text
        }
        settings = Data(report.settings?.bytes ?? [])
        changedLocally = Array(report.changedLocally.prefix(ApplicationReport.maximumEntries))
        restricted = Array(report.restricted.prefix(ApplicationReport.maximumEntries))
        problems = report.problems.prefix(ApplicationReport.maximumEntries).map { problem in
            var trouble = Muster_V1_ApplicationTrouble()
            trouble.code = problem.code
            trouble.subject = problem.subject
            return trouble
        }
        facts = report.facts.prefix(ApplicationReport.maximumEntries).map { fact in
            var named = Muster_V1_NamedText()
            named.name = fact.name
            named.text = fact.text
            return named
        }
    }
}
