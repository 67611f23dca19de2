/// Where a value of an effective setting comes from.
package enum SettingOrigin: Hashable, Sendable {
    /// The application's manifest.
    case standard
    /// Set for the device alone.
    case device
    case policy(PolicyID)
    /// Of a policy.
    case profile(PolicyID, name: String)
}

/// A value that somebody gave a setting, whether or not it is in force.
package struct SettingCandidate: Hashable, Sendable {
    package var origin: SettingOrigin
    package var value: ManagedValue
    package var isLocked: Bool

    package init(_ origin: SettingOrigin, _ value: ManagedValue, isLocked: Bool = false) {
        self.origin = origin
        self.value = value
        self.isLocked = isLocked
    }
}
