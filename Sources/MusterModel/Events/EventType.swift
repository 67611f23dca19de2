/// The event types of the Network Agent and the server, with what each carries. Connectors and local programs add their own codes.
package enum EventType {
    package static let agentStarted = "agent-started"
    /// `reason` (an AbsenceNotice kind's code): what stopped, the agent alone when it is absent.
    package static let agentStopped = "agent-stopped"
    /// `source`, `name`, `version`, `architecture`.
    package static let applicationInstalled = "application-installed"
    /// As installed, and `previousVersion`.
    package static let applicationUpdated = "application-updated"
    package static let applicationRemoved = "application-removed"
    /// `reason` (a CloseReason code), `since`.
    package static let synchronizationFailed = "synchronization-failed"
    /// `reason`, `attempts`, `duration`: the failure that is over.
    package static let synchronizationRecovered = "synchronization-recovered"
    /// `offset` (server minus device).
    package static let clockOff = "clock-off"
    /// `first`, `last`, `count`, `from`, `to`, and per severity a count: dropped by a full spool.
    package static let eventsDropped = "events-dropped"
    /// `first`, `last`, `count`: acknowledged once, not in the server's database any more.
    package static let eventsLostAtServer = "events-lost-at-server"
    /// `previousEpoch`, `last` (stored at the server), `next` (what the device would have given next): the device was put back to an
    /// earlier copy of itself, and numbers its events anew from here on.
    package static let deviceRolledBack = "device-rolled-back"
    /// `session`, `known`: the device has been served by a later state of this server than its database holds.
    package static let serverRolledBack = "server-rolled-back"
    /// `servers`, `proxy`: a synchronization was completed over new connection settings, which are in force from then on.
    package static let connectionSettingsAdopted = "connection-settings-adopted"
    /// `servers`, `proxy`, `reason`, `detail`, `attempts`: they did not work, and the old ones stay in force.
    package static let connectionSettingsRolledBack = "connection-settings-rolled-back"
    /// `ticked`, `limit`: a device was to be ticked *Do not disconnect* past the limit.
    package static let permanentConnectionRefused = "permanent-connection-refused"
    /// `ticked`, `limit`: nine tenths of the permanent connections are given.
    package static let permanentConnectionsNearlyUsedUp = "permanent-connections-nearly-used-up"
    /// `address`, `reason` (a CloseReason code): another machine comes as this device, and is refused.
    package static let cloneSuspected = "clone-suspected"
    /// `unit`, `result`: a watched systemd unit failed.
    package static let unitFailed = "unit-failed"
    /// `unit`: it runs again, or ended well.
    package static let unitRecovered = "unit-recovered"
    /// `count`: there are more of them than were known.
    package static let securityUpdatesPending = "security-updates-pending"
    /// `packages`: a restart of the device is needed, and was not before.
    package static let restartRequired = "restart-required"
    /// `file` (or what else was scanned), `signature`, `action` (what was done: `none`, `gone`, `quarantined`, `removed`); or `count` alone, for those beyond the
    /// first of one moment.
    package static let threatFound = "threat-found"
    /// `files`, `threats`, `dealtWith` (quarantined or removed), `failed` (not scanned): a task has scanned.
    package static let scanFinished = "scan-finished"
    /// `file`, `signature`: the file that was found is gone, or is another.
    package static let threatGone = "threat-gone"
    /// `reason` (`stopped`, `silent`, `not-installed`): nothing is scanned any more.
    package static let protectionStopped = "protection-stopped"
    package static let protectionRunning = "protection-running"
    /// `version`, `built`: the newest database is older than it may be; without them: there is none.
    package static let databasesOutdated = "databases-outdated"
    package static let databasesCurrent = "databases-current"
    /// `application`, `key`: it has another value on the device than it should, and is not locked.
    package static let settingChangedLocally = "setting-changed-locally"
    /// `application`, `key`: the same of a locked one, which has its value again.
    package static let settingPutBack = "setting-put-back"
    /// `application`, `code`: settings that the server wants could not be applied; the last good ones are in force.
    package static let settingsFailed = "settings-failed"
    /// `run`, `task`, `revision`, `name`, `application`, `type`, `origin` (schedule, order): see `RunReport`.
    package static let taskStarted = "task-started"
    /// As started, and `result`, `exitCode`, `code`, `detail`, `duration`, `outputBytes`, `figure-…`.
    package static let taskFinished = "task-finished"
    /// As finished: it did not succeed.
    package static let taskFailed = "task-failed"
    /// `application`: after that, they are in force.
    package static let settingsApplied = "settings-applied"
    /// `application`, `reason`: a connector of others ended, hangs or says nonsense; it is started again by itself.
    package static let connectorFailed = "connector-failed"
    /// `application`: after that, it works again.
    package static let connectorRecovered = "connector-recovered"
    /// `application`, `version`, `digest`: a device has a connector of others whose manifest no administrator has seen.
    package static let connectorManifestNew = "connector-manifest-new"
    /// `file`, `reason`: what the device's owner forbids cannot be read; everything that may be forbidden is.
    package static let ceilingUnreadable = "ceiling-unreadable"
    /// `name`: an administrator had the device refused from now on.
    package static let deviceRevoked = "device-revoked"
    /// `name`: an administrator took the device out of the list.
    package static let deviceDeleted = "device-deleted"
    /// `name`, `until`: copies of the device become devices of their own when they come until then.
    package static let deviceSplit = "device-split"
    /// `name`: an administrator said that what was taken for copies is one device.
    package static let deviceSame = "device-same"
    package static let deviceEnrolled = "device-enrolled"
    package static let certificateRenewed = "certificate-renewed"
    /// `certificate` (its fingerprint), `generation`, `notBefore`, `address`: it was issued here and is not in the database, because an older
    /// copy was put back; it was taken in again.
    package static let certificateRestored = "certificate-restored"
}
