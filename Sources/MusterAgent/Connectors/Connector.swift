import MusterModel

/// What lets the agent configure and watch one managed application. One folder each; `ConnectorService` says when to do what, keeps what
/// became of it, and speaks with the server.
///
/// Calls come one at a time. Each has a time limit: one that takes longer is given up on and not made again before it has ended.
protocol Connector: Sendable {
    var manifest: ApplicationManifest { get }
    /// Where its settings come from.
    var desired: DesiredSettingsSource { get }
    /// What is to be looked at, and how often. Asked after each call.
    var watch: ConnectorWatch { get }

    /// The application's version, empty where it has none or is not there; at the start, and whenever the device is looked at anew.
    func discover() async throws(ConnectorError) -> String
    /// The values of keys that are in force in the application, its own where nobody set them. Keys left out are not compared.
    func settingsInForce() async throws(ConnectorError) -> [String: ManagedValue]
    /// Sets these keys, all or nothing: when it throws the application goes on with what it has. Values are as the manifest allows; keys
    /// not given stay as they are.
    func apply(_ settings: [String: ManagedValue]) async throws(ConnectorError)
    /// How the application is.
    /// - Parameter before: what was reported last, also by an agent before a restart: what is different is an event.
    func look(after before: ApplicationReport?, now: Timestamp) async throws(ConnectorError) -> ConnectorReading
    /// The same of a connector that has to remember more than it reports, as how far a log was read.
    /// - Parameter memory: of its last reading that was kept; nil: there was none.
    func look(after before: ApplicationReport?, remembering memory: [UInt8]?, now: Timestamp) async throws(ConnectorError)
        -> ConnectorReading
}

extension Connector {
    var application: ApplicationID { manifest.id }

    func look(after before: ApplicationReport?, remembering memory: [UInt8]?, now: Timestamp) async throws(ConnectorError)
        -> ConnectorReading
    { try await look(after: before, now: now) }
}

/// The document that an application's settings are in.
enum DesiredSettingsSource: Hashable, Sendable {
    /// Document `agent`: the Network Agent's.
    case agent
    /// Document `settings`.
    case settings
}

struct ConnectorWatch: Hashable, Sendable {
    /// How often to look; nil: only when something else says so.
    var period: Duration?
    /// A change in one of them may be a change of a setting.
    var directories: [String] = []
    /// Where what is added to a file, as to a log, is looked at at once; nil: nowhere, ever.
    var logs: [String]?
}

/// How an application is, once looked at.
struct ConnectorReading: Hashable, Sendable {
    var state: ApplicationState
    var problems: [ApplicationProblem] = []
    var facts: [ApplicationFact] = []
    /// Numbers that change by themselves.
    var statistics: [String: Int64] = [:]
    /// What happened since it was looked at last.
    var events: [DeviceEvent] = []
    /// What the connector is to be given the next time, kept as one with the events; nil: what it was given.
    var memory: [UInt8]?
    /// What became of settings that come into force by other means than `apply`; nil: what `apply` said.
    var outcome: Outcome?
    /// What the application took and does not do for all that, by key. Of keys that no policy set it says nothing.
    var obstacles: [String: Obstacle] = [:]

    enum Obstacle: Hashable, Sendable {
        /// It is not known yet whether it will: what was said before stands.
        case notYet
        /// It is given the setting again from time to time.
        case failure(ConnectorError)
    }

    enum Outcome: Hashable, Sendable {
        case settled(SettingsOutcome)
        /// It is not known yet: what was said before stands.
        case pending
    }
}

/// Why a connector could not do what it was asked: a code for programs, and for people what is wrong and what to do.
struct ConnectorError: Error, Hashable, Sendable {
    let code: String
    let text: String

    init(_ code: String, _ text: String) {
        self.code = code
        self.text = text
    }

    static func timeout(_ limit: Duration) -> Self {
        Self("connectorTimeout", "the application did not answer within \(limit.text); it is tried again once it has")
    }

    static func settingNotAllowed(_ key: String, _ allowed: String) -> Self {
        Self("settingNotAllowed", "the value of '\(key)' is not allowed here (\(allowed)): set another one")
    }
}
