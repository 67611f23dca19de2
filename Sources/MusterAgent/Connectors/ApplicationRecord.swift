import MusterModel
import MusterWire

/// What is remembered of an application's settings across restarts: what was tried last, what became of it, and what is in force.
struct ApplicationRecord: Hashable, Sendable {
    /// Of the settings tried last.
    var digest: Digest
    /// Nil: they are in force.
    var failure: ConnectorError?
    /// The last good ones.
    var applied: [String: ManagedSetting] = [:]

    var outcome: SettingsOutcome { failure.map { .failed(code: $0.code, text: $0.text) } ?? .applied }
}

/// What the server wants of one application, under the owner's ceiling.
struct DesiredPart: Hashable, Sendable {
    /// Of what the server sent, forbidden keys and all; nil: it sent nothing yet.
    var digest: Digest?
    /// Without those that are forbidden.
    var settings: [String: ManagedSetting] = [:]
    /// Keys that the owner forbids, rising.
    var restricted: [String] = []
}

/// What the agent's database knows of one application.
struct KnownApplication: Hashable, Sendable {
    var part: DesiredPart
    var record: ApplicationRecord?
    /// As it was reported last.
    var report: ApplicationReport?
    /// What its connector wants to remember.
    var memory: [UInt8]?
}
