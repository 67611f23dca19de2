package import MusterModel

/// The fleet on one screen: how many devices are how, why, and what those have in common.
package struct Overview: Codable, Sendable, Hashable {
    /// A value, and how many devices have it.
    package struct Share: Codable, Sendable, Hashable {
        package var name: String
        package var devices: Int64

        package init(name: String, devices: Int64) {
            self.name = name
            self.devices = devices
        }
    }

    /// Why devices are Warning or Critical.
    package struct Reason: Codable, Sendable, Hashable {
        /// `overdue`, `unit-failed`, `settings-failed`, `changed-locally`, `copy-suspected`, `disk-nearly-full`, `clock-off`,
        /// `security-updates`, `restart-required`, `task-failed`, `threat-found`, `protection-stopped`, `databases-outdated`.
        package var code: String
        /// The worst it is anywhere.
        package var level: String
        package var devices: Int64
        /// Of them, those whose status became another since the time asked for; absent: an older server.
        package var recent: Int64?
        /// What it is about, the most frequent first: units, applications. At most 5, as the following.
        package var subjects: [Share]
        package var groups: [Share]
        package var operatingSystems: [Share]

        package init(
            code: String, level: String, devices: Int64, recent: Int64? = nil, subjects: [Share], groups: [Share],
            operatingSystems: [Share]
        ) {
            self.recent = recent
            self.code = code
            self.level = level
            self.devices = devices
            self.subjects = subjects
            self.groups = groups
            self.operatingSystems = operatingSystems
        }
    }

    /// What became another since a time.
    package struct Changes: Codable, Sendable, Hashable {
        package var since: Timestamp
        package var enrolled: Int64
        /// Devices whose status is worse than it was.
        package var worse: Int64
        package var better: Int64

        package init(since: Timestamp, enrolled: Int64, worse: Int64, better: Int64) {
            self.since = since
            self.enrolled = enrolled
            self.worse = worse
            self.better = better
        }
    }

    package var devices: Int64
    /// By `ok`, `warning`, `critical`, `revoked`; none is absent.
    package var status: [String: Int64]
    /// By connection state; none is absent.
    package var states: [String: Int64]
    /// The worst and most frequent first.
    package var reasons: [Reason]
    package var changes: Changes

    package init(
        devices: Int64, status: [String: Int64], states: [String: Int64], reasons: [Reason], changes: Changes
    ) {
        self.devices = devices
        self.status = status
        self.states = states
        self.reasons = reasons
        self.changes = changes
    }
}
