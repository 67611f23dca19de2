/// What a device says of one managed application: document `applications`. Nothing in it changes by itself.
package struct ApplicationReport: Hashable, Sendable {
    package var application: ApplicationID
    package var version: String
    package var state: ApplicationState
    package var outcome: SettingsOutcome
    /// Which settings `outcome` is about, by the digest of what the device was told; nil: none.
    package var settings: Digest?
    /// Keys that have another value on the device than they should.
    package var changedLocally: [String]
    /// Keys that the device's owner does not let the server set.
    package var restricted: [String]
    /// What is wrong just now.
    package var problems: [ApplicationProblem]
    /// Named texts for people, by rising names: the state of each watched unit.
    package var facts: [ApplicationFact]

    package init(
        application: ApplicationID, version: String = "", state: ApplicationState, outcome: SettingsOutcome = .none,
        settings: Digest? = nil, changedLocally: [String] = [], restricted: [String] = [], problems: [ApplicationProblem] = [],
        facts: [ApplicationFact] = []
    ) {
        self.application = application
        self.version = version
        self.state = state
        self.outcome = outcome
        self.settings = settings
        self.changedLocally = changedLocally.sorted()
        self.restricted = restricted.sorted()
        self.problems = problems.sorted { ($0.code, $0.subject) < ($1.code, $1.subject) }
        self.facts = facts.sorted { $0.name < $1.name }
    }
}

/// How a managed application is. The numbers travel.
package enum ApplicationState: Int, Hashable, Sendable, CaseIterable {
    case unknown = 0
    case running = 1
    case stopped = 2
    case notInstalled = 3
    case failed = 4

    /// As the API and tables have it.
    package var code: String {
        switch self {
        case .unknown: "unknown"
        case .running: "running"
        case .stopped: "stopped"
        case .notInstalled: "not-installed"
        case .failed: "failed"
        }
    }

    package init?(code: String) {
        guard let state = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = state
    }
}

/// What became of the settings a device was told.
package enum SettingsOutcome: Hashable, Sendable {
    /// Nothing was to be applied, or it was not tried yet.
    case none
    case applied
    /// The last good ones are in force; it is tried again.
    case failed(code: String, text: String)
}

/// Something wrong with an application: a code and what it is about.
package struct ApplicationProblem: Hashable, Sendable, Codable {
    /// A watched unit failed; the subject is its name.
    package static let unitFailed = "unit-failed"
    /// Security updates are pending; the subject is how many.
    package static let securityUpdatesPending = "security-updates-pending"
    /// Something that was installed is in use only after a restart of the device.
    package static let restartRequired = "restart-required"

    /// ClamAV found something that is there still; the subject is the file.
    package static let threatFound = "threat-found"
    /// Nothing is scanned; the subject is why: `stopped` or `silent`.
    package static let protectionStopped = "protection-stopped"
    /// The newest database of signatures is older than it may be, or there is none; the subject is its version, or how old it is.
    package static let databasesOutdated = "databases-outdated"

    package var code: String
    package var subject: String

    package init(code: String, subject: String) {
        self.code = code
        self.subject = subject
    }
}

package struct ApplicationFact: Hashable, Sendable, Codable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}
